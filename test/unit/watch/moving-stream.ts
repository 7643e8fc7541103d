import type { HandOver } from '../../../crds/assignment.ts';
import type { DetectorManifest } from '../../../crds/detector-manifest.ts';
import type { Incident } from '../../../crds/incident.ts';
import { IncidentTracker } from '../../../monitor/incidents/incident-tracker.ts';
import { type JudgedIncidents, StreamVoice } from '../../../monitor/watch/stream-voice.ts';
import type { IncidentWatchEvent, WatchEvent } from '../../../monitor/watch/watch-event.ts';

/** A defect of the source, in seconds. */
export interface Defect {
  readonly from: number;
  readonly to: number;
}

const manifest: DetectorManifest = {
  ...{ type: 'freeze', title: '', description: '', kinds: { full: { description: '' } }, needs: ['reduced'] },
  ...{ cost: { fixed: 1, perMegapixel: 0 }, thresholds: { enter: 0.5, exit: 0.4 }, parameters: {} },
  defaults: { enabled: true, severity: 'critical', minDuration: '2s' },
};
const settings = { enabled: true, severity: 'critical', minDuration: 2, mergeGap: 5 } as const;
const zero = Date.UTC(2026, 0, 1);
const step = 0.25;
let ids = 0;

/** A shard that sees a stream's defects `lag` seconds late, on a clock of its own: real incidents, real voice. */
export class Reader {
  readonly told: WatchEvent[] = [];
  readonly voice: StreamVoice;
  readonly #name: string;
  readonly #defects: readonly Defect[];
  readonly #lag: number;
  readonly #origin: number;
  readonly #tracker: IncidentTracker;
  readonly #closed: { readonly incident: Incident; readonly at: number }[] = [];
  #wall: number;

  /** `start`: when it begins to watch, in seconds. */
  constructor(name: string, defects: readonly Defect[], lag: number, start: number) {
    this.#name = name;
    this.#defects = defects;
    this.#lag = lag;
    this.#origin = start;
    this.#wall = start;
    this.#tracker = new IncidentTracker(
      {
        ...{ namespace: 'live', monitor: 'sports', stream: 'one' },
        newId: () => `${name}${++ids}`,
        wallTime: (time) => iso(time + start),
        now: () => iso(this.#wall),
      },
      [{ manifest, settings }],
    );
    const judged = {
      ...{ timeOf: (wall: number) => (wall - zero) / 1000 - start },
      ...{ takeOver: this.#takeOver.bind(this), goOnAs: this.#tracker.goOnAs.bind(this.#tracker) },
    };
    this.voice = new StreamVoice(
      () => ({ ...judged, position: wallMs(this.#wall), defects: this.#defectsNow() }),
      wallMs(start),
    );
  }

  get incidents(): IncidentWatchEvent[] {
    return this.told.filter((event) => event.type === 'incident');
  }

  watchUntil(wall: number): void {
    while (this.#wall < wall) {
      this.#wall += step;
      const seen = this.#wall - this.#lag;
      const score = this.#defects.some(({ from, to }) => seen >= from && seen < to) ? 1 : 0;
      const time = this.#wall - this.#origin;
      const judged = this.#tracker.judge('freeze', { time, kind: 'full', score });
      for (const change of [...judged, ...this.#tracker.advance(time)])
        this.#receive({ type: 'incident', ...change });
      this.#receive({
        type: 'seconds',
        seconds: {
          ...{ from: iso(this.#wall - step), to: iso(this.#wall), monitored: step, blind: {} },
          ...{ defect: [], frames: 0, evidence: {}, cpu: 0 },
        },
      });
    }
  }

  takeOver(handOver: HandOver | undefined): void {
    this.#tell(this.voice.takeOver(handOver, wallMs(this.#wall)));
  }

  handOver(): HandOver {
    const recent = this.#closed.filter(({ at }) => this.#wall - at <= 60).map(({ incident }) => incident);
    const incidents = [...this.voice.openIncidents, ...recent];
    return { from: this.#name, watermarkTime: iso(this.#wall), incidents };
  }

  #takeOver(...[incidents, adoption]: Parameters<JudgedIncidents['takeOver']>) {
    return this.#tracker.adopt(incidents, this.#wall - this.#origin, adoption);
  }

  #defectsNow() {
    return this.#tracker.defects.map(({ incident, endedAt }) => ({
      incident,
      ...(endedAt !== undefined && { ended: wallMs(endedAt + this.#origin) }),
    }));
  }

  #receive(event: WatchEvent): void {
    this.#tell(this.voice.receive(event, wallMs(this.#wall)));
  }

  #tell(events: readonly WatchEvent[]): void {
    for (const event of events) {
      this.told.push(event);
      if (event.type === 'incident' && event.change === 'closed')
        this.#closed.push({ incident: event.incident, at: this.#wall });
    }
  }
}

/** Seconds of the test as a wall clock, in ms since 1970. */
export function wallMs(seconds: number): number {
  return zero + seconds * 1000;
}

function iso(seconds: number): string {
  return new Date(wallMs(seconds)).toISOString();
}
