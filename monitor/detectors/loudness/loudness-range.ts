/** Three seconds quieter than this, in LUFS, do not count (EBU Tech 3342, the absolute gate). */
const lowest = -70;
/** The relative gate lies 20 LU below the mean of what passed the absolute one. */
const relativeGate = 20;
/** The range lies between these shares of the values: neither one loud bang nor a fade-out makes it. */
const lower = 0.1;
const upper = 0.95;
/** Classes of 0.02 LU, up to +10 LUFS. */
const perUnit = 50;
const classes = 80 * perUnit;

/** Power of the middle of each class, relative to 0 LUFS. */
const powers = Float64Array.from({ length: classes }, (_, index) => 10 ** (loudnessAt(index) / 10));

/** Loudness range (LRA) of EBU Tech 3342 over a sliding window of short-term loudnesses, to 0.04 LU. */
export class LoudnessRange {
  /** Class of each value in the window, plus one; 0 for those below the absolute gate. */
  readonly #values: Uint16Array;
  readonly #counts = new Uint32Array(classes);
  #next = 0;

  /** `capacity`: short-term loudnesses in the window. */
  constructor(capacity: number) {
    this.#values = new Uint16Array(capacity);
  }

  /** Short-term loudness in LUFS, −∞ for digital silence; at least ten a second (windows that overlap by 2.9 s). */
  add(shortTerm: number): void {
    const leaving = this.#values[this.#next]!;
    if (leaving > 0) this.#counts[leaving - 1]!--;
    const entering =
      shortTerm >= lowest ? Math.min(classes, Math.floor((shortTerm - lowest) * perUnit) + 1) : 0;
    if (entering > 0) this.#counts[entering - 1]!++;
    this.#values[this.#next] = entering;
    this.#next = (this.#next + 1) % this.#values.length;
  }

  /** LU over the window, and how many values that rests on. */
  measure(): { readonly range: number; readonly values: number } {
    const counts = this.#counts;
    let total = 0;
    let power = 0;
    for (let index = 0; index < classes; index++) {
      total += counts[index]!;
      power += counts[index]! * powers[index]!;
    }
    const gate = 10 * Math.log10(power / total) - relativeGate;
    if (total === 0) return { range: 0, values: 0 };
    const first = Math.max(0, Math.ceil((gate - lowest) * perUnit - 0.5));
    let values = 0;
    for (let index = first; index < classes; index++) values += counts[index]!;
    const at = (share: number) => this.#valueAt(first, Math.round((values - 1) * share));
    return { range: at(upper) - at(lower), values };
  }

  /** The loudness of the value of this rank among those from class `first` on. */
  #valueAt(first: number, rank: number): number {
    let index = first;
    for (let below = 0; index < classes; index++) {
      below += this.#counts[index]!;
      if (below > rank) break;
    }
    return loudnessAt(index);
  }
}

function loudnessAt(index: number): number {
  return lowest + (index + 0.5) / perUnit;
}
