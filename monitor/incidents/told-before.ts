import type { Incident } from '../../crds/incident.ts';
import { readerSlack, repeatsUntil, type TakeOver, trackOf } from './hand-over.ts';

/**
 * Remembers, after a take-over, what the shard before told and closed: an incident that repeats one of those is
 * muted until it has lasted longer than a lag between two readers explains. Pure; wall clock in ms since 1970.
 */
export class ToldBefore {
  #awaited: readonly Incident[];
  readonly #muted: Map<string, number>;

  constructor({ awaited, muted }: Pick<TakeOver, 'awaited' | 'muted'> = { awaited: [], muted: [] }) {
    this.#awaited = awaited;
    this.#muted = new Map(muted.map(({ own, until }) => [own.id, until]));
  }

  /** Ids of open incidents of which nobody was told here. */
  get muted(): ReadonlyMap<string, number> {
    return this.#muted;
  }

  /** An incident opens at `position`; mutes it when it looks like one that was told. */
  opens(incident: Incident, position: number): void {
    const start = Date.parse(incident.startTime);
    const before = this.#awaited.find(
      (told) =>
        trackOf(told) === trackOf(incident) &&
        start >= Date.parse(told.startTime) - readerSlack &&
        start <= repeatsUntil(told) &&
        position <= repeatsUntil(told),
    );
    if (!before) return;
    // Each that was told explains one.
    this.#awaited = this.#awaited.filter((told) => told !== before);
    this.#muted.set(incident.id, repeatsUntil(before));
  }

  /** It is told after all, or over. */
  delete(id: string): void {
    this.#muted.delete(id);
  }

  /** The watching began anew: incidents that were open are not known any more. */
  clear(): void {
    this.#muted.clear();
  }
}
