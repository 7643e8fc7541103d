import type { StreamAssignment } from '../../crds/assignment.ts';
import type { Incident } from '../../crds/incident.ts';
import type { StreamReport } from '../../crds/shard-report.ts';
import type { StreamState } from '../../crds/stream-state.ts';
import type { WatchEvent } from '../watch/watch-event.ts';

/** How long a closed incident is reported, in ms. */
const closedMilliseconds = 60_000;

/** What a report says beside what the tally adds up. */
export type HandOverState = Pick<StreamReport, 'openIncidents' | 'closedIncidents' | 'watermarkTime'>;

/** Adds up what a watcher says of its stream and what of that is told, for the shard's report. */
export class StreamTally {
  #state: StreamState;
  #firstFrameTime: string | undefined;
  #media: Pick<StreamReport, 'video' | 'audio'> = {};
  #watchedUntil: string;
  #monitoredSeconds = 0;
  #blindSeconds = 0;
  #overloadedSeconds = 0;
  #defectSeconds = 0;
  #cpuSeconds = 0;
  readonly #unknown = new Map<string, string>();
  readonly #failed = new Set<string>();
  #closed: { readonly incident: Incident; readonly at: number }[] = [];

  /** `now`: wall clock in ms since 1970. */
  constructor(now: number) {
    const since = new Date(now).toISOString();
    this.#state = { phase: 'Starting', reason: 'Connecting', message: 'the source is not open yet', since };
    this.#watchedUntil = since;
  }

  /** The stream is opened anew: its first frame is still to come. */
  begin(now: number): void {
    this.#firstFrameTime = undefined;
    this.#failed.clear();
    this.#watchedUntil = new Date(now).toISOString();
  }

  /** What the watcher said, told or not. */
  observe(event: WatchEvent): void {
    switch (event.type) {
      case 'state':
        this.#state = event.state;
        break;
      case 'first-frame':
        this.#firstFrameTime ??= event.time;
        break;
      case 'media': {
        const { type, ...media } = event;
        this.#media = media;
        break;
      }
      case 'unknown':
        if (event.reason === undefined) {
          this.#unknown.delete(event.detector);
          this.#failed.delete(event.detector);
        } else this.#unknown.set(event.detector, event.reason);
        break;
      case 'detector-failed':
        this.#failed.add(event.detector);
        break;
      case 'seconds':
        this.#watchedUntil = event.seconds.to;
        this.#cpuSeconds += event.seconds.cpu;
    }
  }

  /** What was told. `now`: wall clock in ms since 1970. */
  told(event: WatchEvent, now: number): void {
    if (event.type === 'incident' && event.change === 'closed') this.closed([event.incident], now);
    if (event.type !== 'seconds') return;
    this.#monitoredSeconds += event.seconds.monitored;
    for (const seconds of Object.values(event.seconds.blind)) this.#blindSeconds += seconds;
    this.#overloadedSeconds += event.seconds.blind.Overloaded ?? 0;
    for (const { seconds } of event.seconds.defect) this.#defectSeconds += seconds;
  }

  /** Incidents that were closed at a wall clock in ms since 1970, here or by the shard before. */
  closed(incidents: readonly Incident[], at: number): void {
    this.#closed = [...this.#closedSince(at), ...incidents.map((incident) => ({ incident, at }))];
  }

  get cpuSeconds(): number {
    return this.#cpuSeconds;
  }

  /** What another shard must know to go on, at a wall clock in ms since 1970. */
  handOver(openIncidents: readonly Incident[], now: number): HandOverState {
    return {
      openIncidents,
      closedIncidents: this.#closedSince(now).map(({ incident }) => incident),
      watermarkTime: this.#watchedUntil,
    };
  }

  report(assigned: StreamAssignment, handOver: HandOverState): StreamReport {
    return {
      ...this.#state,
      monitor: assigned.monitor,
      name: assigned.name,
      role: assigned.role,
      detectors: assigned.detectors,
      ...this.#media,
      ...(this.#firstFrameTime !== undefined && { firstFrameTime: this.#firstFrameTime }),
      monitoredSeconds: this.#monitoredSeconds,
      blindSeconds: this.#blindSeconds,
      ...(this.#overloadedSeconds > 0 && { overloadedSeconds: this.#overloadedSeconds }),
      defectSeconds: this.#defectSeconds,
      cpuSeconds: this.#cpuSeconds,
      unknown: Object.fromEntries(this.#unknown),
      ...(this.#failed.size > 0 && { failedDetectors: [...this.#failed] }),
      ...handOver,
    };
  }

  #closedSince(now: number) {
    return this.#closed.filter(({ at }) => now - at <= closedMilliseconds);
  }
}
