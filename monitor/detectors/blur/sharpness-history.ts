/** Seconds over which what was usual is forgotten: a day, so that each hour of a programme has its share. */
const memory = 86_400;
/** Share of the stream's own pictures that are sharper than the width which counts as its usual limit. */
const usualShare = 0.9;
/** Widths are counted in steps of a quarter of a sample, up to these many. */
const stepsPerSample = 4;
const steps = 256;

/** Edge widths that a stream usually has: a histogram of one width a second that forgets slowly. */
export class SharpnessHistory {
  readonly #counts = new Float64Array(steps);
  #total = 0;

  /** Seconds that are remembered. */
  get seconds(): number {
    return this.#total;
  }

  /** The width, in samples, that only one in ten of the stream's pictures exceeds. */
  get usualLimit(): number {
    let below = 0;
    const step = this.#counts.findIndex((count) => {
      below += count;
      return below >= usualShare * this.#total;
    });
    return (step + 1) / stepsPerSample;
  }

  /** One second's width. */
  add(width: number): void {
    const kept = 1 - 1 / memory;
    for (let step = 0; step < steps; step++) this.#counts[step]! *= kept;
    this.#counts[Math.min(steps - 1, Math.floor(width * stepsPerSample))]! += 1;
    this.#total = this.#total * kept + 1;
  }
}
