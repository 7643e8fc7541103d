/** Sound must have this power (−40 dBFS) before a gap in it is heard. */
export const leastPower = 1e-4;
/** Power of a gap: below −70 dBFS, or 40 dB below the sound before it. */
const silentPower = 1e-7;
const silentShare = 1e-4;
/** Sound that is this much weaker than before (12 dB) still counts as there, for the edges of a gap. */
const edgeShare = 1 / 16;
/** Sound falls and comes back within this many milliseconds: whatever decays or swells takes longer. */
const edge = 5;
/** Milliseconds over which the level before the fall is taken. */
const context = 30;
/** Shorter gaps, in milliseconds, are not told from the zero crossings of low tones. */
const shortest = 3;

/** A gap, in milliseconds before the end of the cell that was given last. */
export interface Gap {
  readonly sinceStart: number;
  readonly sinceEnd: number;
}

/**
 * Finds short gaps with two steep edges in the power of one channel, given millisecond by millisecond: sound falls
 * to nothing within 5 ms, stays away, and is back within 5 ms.
 */
export class GapFinder {
  readonly #longest: number;
  readonly #history = new Float32Array(context + edge);
  #at = 0;
  /** Set within a gap. */
  #gap: { readonly before: number; readonly limit: number; cells: number; returning: number } | undefined;

  /** `longest` gap, in milliseconds. */
  constructor(longest: number) {
    this.#longest = longest;
  }

  step(power: number): Gap | undefined {
    const found = this.#gap ? this.#inside(power) : this.#outside(power);
    this.#history[this.#at] = power;
    this.#at = (this.#at + 1) % this.#history.length;
    return found;
  }

  #outside(power: number): undefined {
    if (power > leastPower) return;
    const { before, last } = this.#levels();
    const limit = Math.max(silentPower, before * silentShare);
    if (power > limit || before < leastPower || last < before * edgeShare) return;
    this.#gap = { before, limit, cells: 1, returning: 0 };
  }

  #inside(power: number): Gap | undefined {
    const gap = this.#gap!;
    if (power <= gap.limit && gap.returning === 0) {
      if (++gap.cells > this.#longest) this.#gap = undefined;
      return undefined;
    }
    gap.returning++;
    if (power < gap.before * edgeShare) {
      if (gap.returning >= edge) this.#gap = undefined;
      return undefined;
    }
    this.#gap = undefined;
    if (gap.cells < shortest) return undefined;
    return { sinceStart: gap.cells + gap.returning, sinceEnd: gap.returning };
  }

  /** Mean power before the last 5 ms, and the highest within them. */
  #levels(): { readonly before: number; readonly last: number } {
    const length = this.#history.length;
    let sum = 0;
    let last = 0;
    for (let age = 1; age <= length; age++) {
      const power = this.#history[(this.#at - age + length) % length]!;
      if (age > edge) sum += power;
      else last = Math.max(last, power);
    }
    return { before: sum / context, last };
  }
}
