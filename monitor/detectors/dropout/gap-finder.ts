import { type GapRule, heardAfter, heardBefore } from './gap-rules.ts';

/** A gap, in milliseconds before the end of the cell that was given last. */
export interface Gap {
  readonly sinceStart: number;
  readonly sinceEnd: number;
}

/** A weak stretch, before it is known whether the sound comes back, and then what came back. */
interface Candidate {
  readonly limit: number;
  readonly before: readonly number[];
  readonly powers: number[];
  readonly after: number[];
}

/**
 * Finds the gaps of one rule in the power of one channel, given millisecond by millisecond. A gap is known when as much was
 * heard after it as the rule looks at.
 */
export class GapFinder {
  readonly #rule: GapRule;
  readonly #shortest: number;
  readonly #longest: number;
  /** The last cells, oldest first. */
  #past: number[] = [];
  #weak: Candidate | undefined;
  readonly #returned: Candidate[] = [];

  /** The shortest and the longest gap that counts, in milliseconds. */
  constructor(rule: GapRule, shortest: number, longest: number) {
    this.#rule = rule;
    this.#shortest = shortest;
    this.#longest = longest;
  }

  /** Whether a gap may be on, or not be known yet. */
  get pending(): boolean {
    return this.#weak !== undefined || this.#returned.length > 0;
  }

  step(power: number): Gap | undefined {
    if (!this.#weak) this.#begin(power);
    else if (power <= this.#weak.limit) this.#stay(this.#weak, power);
    else this.#end(this.#weak);
    this.#past.push(power);
    if (this.#past.length > 2 * heardBefore) this.#past = this.#past.slice(-heardBefore);
    for (const { after } of this.#returned) after.push(power);
    return this.#judge();
  }

  #begin(power: number): void {
    const limit = this.#rule.limit(this.#past);
    if (power > limit) return;
    this.#weak = { limit, before: this.#past.slice(-heardBefore), powers: [power], after: [] };
  }

  #stay({ powers }: Candidate, power: number): void {
    if (powers.push(power) > this.#longest) this.#weak = undefined;
  }

  #end(candidate: Candidate): void {
    this.#weak = undefined;
    if (candidate.powers.length >= this.#shortest) this.#returned.push(candidate);
  }

  #judge(): Gap | undefined {
    const [first] = this.#returned;
    if (!first || first.after.length < heardAfter) return undefined;
    this.#returned.shift();
    if (!this.#rule.isGap(first.before, first.powers, first.after)) return undefined;
    return { sinceStart: first.powers.length + heardAfter, sinceEnd: heardAfter };
  }
}
