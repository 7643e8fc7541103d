/** An Event about a StreamMonitor. */
export interface MonitorEvent {
  readonly type: 'Normal' | 'Warning';
  /** One of `eventReasons`, or of the reasons of a condition. */
  readonly reason: string;
  /** What was done, in CamelCase. */
  readonly action: 'Observe' | 'Detect' | 'Move';
  /** For a person, 1024 characters at most. */
  readonly note: string;
}
