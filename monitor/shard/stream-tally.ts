import type { StreamAssignment } from '../../crds/assignment.ts';
import type { Incident } from '../../crds/incident.ts';
import type { StreamReport } from '../../crds/shard-report.ts';
import type { StreamState } from '../../crds/stream-state.ts';
import type { WatchEvent } from '../watch/watch-event.ts';

/** Adds up what a watcher says of its stream, for the shard's report. */
export class StreamTally {
  #state: StreamState | undefined;
  #firstFrameTime: string | undefined;
  #monitoredSeconds = 0;
  #blindSeconds = 0;
  #defectSeconds = 0;
  #cpuSeconds = 0;
  readonly #unknown = new Map<string, string>();

  add(event: WatchEvent): void {
    switch (event.type) {
      case 'state':
        this.#state = event.state;
        break;
      case 'first-frame':
        this.#firstFrameTime ??= event.time;
        break;
      case 'unknown':
        if (event.reason === undefined) this.#unknown.delete(event.detector);
        else this.#unknown.set(event.detector, event.reason);
        break;
      case 'seconds':
        this.#monitoredSeconds += event.seconds.monitored;
        this.#cpuSeconds += event.seconds.cpu;
        for (const seconds of Object.values(event.seconds.blind)) this.#blindSeconds += seconds;
        for (const { seconds } of event.seconds.defect) this.#defectSeconds += seconds;
    }
  }

  get cpuSeconds(): number {
    return this.#cpuSeconds;
  }

  report(assigned: StreamAssignment, openIncidents: readonly Incident[], watermarkTime: string): StreamReport {
    return {
      ...this.#state!,
      monitor: assigned.monitor,
      name: assigned.name,
      role: assigned.role,
      detectors: assigned.detectors,
      ...(this.#firstFrameTime !== undefined && { firstFrameTime: this.#firstFrameTime }),
      monitoredSeconds: this.#monitoredSeconds,
      blindSeconds: this.#blindSeconds,
      defectSeconds: this.#defectSeconds,
      cpuSeconds: this.#cpuSeconds,
      unknown: Object.fromEntries(this.#unknown),
      openIncidents,
      closedIncidents: [],
      watermarkTime,
    };
  }
}
