/** Arrivals of this long say how far media are ahead, in seconds: longer than any usual segment lasts. */
const windowSeconds = 60;
/** Stretches that are remembered: incidents are told of within minutes of their beginning and end. */
const remembered = 64;

/** Media times from `from` on that keep one relation to the wall clock. */
interface Stretch {
  readonly from: number;
  /** Wall clock that its beginning does not precede. */
  readonly floor: number;
  lead: number;
}

/**
 * Tells when media were live, from when they arrived. Sources send their recent past at once, when a reader
 * comes and after they stood still; others fall behind, a little each time. So the relation of the two clocks is
 * that of the sample that was most ahead lately, and an earlier one stays what it was. Pure; all in seconds.
 */
export class ArrivalClock {
  readonly #stretches: Stretch[] = [];
  #windowStart = 0;
  #recent = Number.NEGATIVE_INFINITY;
  #before = Number.NEGATIVE_INFINITY;

  /** From `time` on, arrivals have nothing to do with those before. */
  begin(time: number): void {
    this.#before = Number.NEGATIVE_INFINITY;
    this.#recent = Number.NEGATIVE_INFINITY;
    this.#push(time);
  }

  arrived(time: number, wall: number): void {
    if (time - this.#windowStart > windowSeconds) {
      this.#before = this.#recent;
      this.#recent = Number.NEGATIVE_INFINITY;
      this.#push(time);
    }
    this.#recent = Math.max(this.#recent, time - wall);
    const newest = this.#stretches.at(-1);
    if (newest) newest.lead = Math.max(this.#before, this.#recent);
  }

  /** Wall clock of a media time; never earlier for a later one. */
  wallOf(time: number): number {
    const stretch = this.#stretches.findLast(({ from }) => from <= time) ?? this.#stretches[0];
    return stretch ? Math.max(stretch.floor, time - stretch.lead) : time;
  }

  /** Media time that was live at a wall clock. */
  timeOf(wall: number): number {
    for (const { from, lead } of this.#stretches.toReversed()) {
      if (wall + lead >= from) return wall + lead;
    }
    const first = this.#stretches[0];
    return first ? wall + first.lead : wall;
  }

  #push(from: number): void {
    const floor = this.#stretches.length > 0 ? this.wallOf(from) : Number.NEGATIVE_INFINITY;
    this.#stretches.push({ from, floor, lead: this.#before });
    if (this.#stretches.length > remembered) this.#stretches.shift();
    this.#windowStart = from;
  }
}
