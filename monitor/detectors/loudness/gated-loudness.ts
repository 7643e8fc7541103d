/** Blocks quieter than this are silence (ITU-R BS.1770-4, annex 1): −70 LUFS. */
const absoluteGate = energyOf(-70);
/** The relative gate lies 10 LU below the loudness of what passed the absolute one. */
const relativeGate = 0.1;

/** LUFS of a mean weighted power; −∞ for none. */
export function loudnessOf(energy: number): number {
  return -0.691 + 10 * Math.log10(energy);
}

function energyOf(loudness: number): number {
  return 10 ** ((loudness + 0.691) / 10);
}

/** Gated loudness over a sliding window of gating blocks. */
export class GatedLoudness {
  readonly #energies: Float32Array;
  #count = 0;
  #next = 0;

  /** `capacity`: gating blocks in the window. */
  constructor(capacity: number) {
    this.#energies = new Float32Array(capacity);
  }

  /** Mean weighted power of one gating block of 400 ms. */
  add(energy: number): void {
    this.#energies[this.#next] = energy;
    this.#next = (this.#next + 1) % this.#energies.length;
    this.#count = Math.min(this.#count + 1, this.#energies.length);
  }

  /** LUFS over the window, −∞ where all is silent, and how many blocks that rests on. */
  measure(): { readonly loudness: number; readonly blocks: number } {
    const { mean } = this.#over(absoluteGate);
    const { mean: gated, blocks } = this.#over(Math.max(absoluteGate, mean * relativeGate));
    return { loudness: blocks > 0 ? loudnessOf(gated) : Number.NEGATIVE_INFINITY, blocks };
  }

  #over(gate: number): { readonly mean: number; readonly blocks: number } {
    const energies = this.#energies;
    let sum = 0;
    let blocks = 0;
    for (let index = 0; index < this.#count; index++) {
      const energy = energies[index]!;
      if (energy <= gate) continue;
      sum += energy;
      blocks++;
    }
    return { mean: blocks > 0 ? sum / blocks : 0, blocks };
  }
}
