import type { Incident } from '../../crds/incident.ts';
import type { IncidentEvidence, IncidentWatchEvent, WatchEvent, WatchedSeconds } from './watch-event.ts';

/** How far back a silent shard can account for its watching, in ms; what is older counts as not watched. */
const longest = 15 * 60_000;
/** Pictures that are kept, in incidents: each can hold two of full size. */
const largestEvidence = 4;

/** An incident as it is now, with its latest picture. */
export interface HeldIncident {
  readonly incident: Incident;
  readonly evidence?: IncidentEvidence;
}

/** What a stream's silent watcher said and nobody heard: bounded, however long it lasts. */
export class HeldEvents {
  #since: number;
  #seconds: WatchedSeconds[] = [];
  readonly #incidents = new Map<string, HeldIncident>();
  readonly #circumstances = new Map<string, WatchEvent>();

  /** `since`: wall clock of the beginning of the watching, in ms since 1970. */
  constructor(since: number) {
    this.#since = since;
  }

  /** Wall clock since when the seconds are all here, in ms since 1970. */
  get since(): number {
    return this.#since;
  }

  get seconds(): readonly WatchedSeconds[] {
    return this.#seconds;
  }

  get incidents(): ReadonlyMap<string, HeldIncident> {
    return this.#incidents;
  }

  /** The latest of what describes the stream as it is: state, media, picture, scores, what cannot be told. */
  get circumstances(): readonly WatchEvent[] {
    return [...this.#circumstances.values()];
  }

  add(event: WatchEvent): void {
    switch (event.type) {
      case 'seconds':
        this.#seconds.push(event.seconds);
        this.#forgetBefore(Date.parse(event.seconds.to) - longest);
        break;
      case 'incident':
        this.#hold(event);
        break;
      case 'unknown':
        this.#circumstances.set(`unknown ${event.detector}`, event);
        break;
      case 'reconnect':
      case 'detector-failed':
      case 'dropped':
      case 'first-frame':
        break;
      default:
        this.#circumstances.set(event.type, event);
    }
  }

  /** Gives an incident out. */
  take(id: string): HeldIncident | undefined {
    const held = this.#incidents.get(id);
    this.#incidents.delete(id);
    return held;
  }

  /** The watching began anew: how incidents that were open went on is not known. */
  forgetOpen(): void {
    for (const [id, { incident }] of this.#incidents) {
      if (incident.state === 'open') this.#incidents.delete(id);
    }
  }

  /** Seconds and incidents were given out, or are of no use any more. */
  clear(): void {
    this.#seconds = [];
    this.#incidents.clear();
    this.#circumstances.clear();
  }

  #hold({ incident, evidence }: IncidentWatchEvent): void {
    const latest = evidence ?? this.#incidents.get(incident.id)?.evidence;
    this.#incidents.delete(incident.id);
    this.#incidents.set(incident.id, { incident, ...(latest && { evidence: latest }) });
    const pictured = [...this.#incidents.values()].filter((held) => held.evidence);
    for (const { incident: older } of pictured.slice(0, -largestEvidence)) {
      this.#incidents.set(older.id, { incident: older });
    }
  }

  #forgetBefore(time: number): void {
    while (Date.parse(this.#seconds[0]!.to) < time) this.#since = Date.parse(this.#seconds.shift()!.to);
    for (const [id, { incident }] of this.#incidents) {
      if (incident.endTime !== undefined && Date.parse(incident.endTime) < time) this.#incidents.delete(id);
    }
  }
}
