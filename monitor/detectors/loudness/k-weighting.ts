/**
 * The K-weighting filter of ITU-R BS.1770-4, annex 1, for any sample rate: the analogue prototypes of its two
 * stages at 48 kHz (as libebur128 derives them), by the bilinear transform. State is kept from call to call.
 */
export class KWeighting {
  readonly #shelf: Biquad;
  readonly #highPass: Biquad;
  #shelf1 = 0;
  #shelf2 = 0;
  #high1 = 0;
  #high2 = 0;

  constructor(sampleRate: number) {
    this.#shelf = shelf(sampleRate);
    this.#highPass = highPass(sampleRate);
  }

  /** Sum of the squares of the weighted samples. */
  energy(samples: Float32Array): number {
    const { b0, b1, b2, a1, a2 } = this.#shelf;
    const { b0: c0, b1: c1, b2: c2, a1: d1, a2: d2 } = this.#highPass;
    let s1 = this.#shelf1;
    let s2 = this.#shelf2;
    let h1 = this.#high1;
    let h2 = this.#high2;
    let sum = 0;
    for (let index = 0; index < samples.length; index++) {
      const input = samples[index]!;
      const middle = b0 * input + s1;
      s1 = b1 * input - a1 * middle + s2;
      s2 = b2 * input - a2 * middle;
      const output = c0 * middle + h1;
      h1 = c1 * middle - d1 * output + h2;
      h2 = c2 * middle - d2 * output;
      sum += output * output;
    }
    // Below any sound, arithmetic with denormal numbers would slow down silence.
    this.#shelf1 = Math.abs(s1) < 1e-15 ? 0 : s1;
    this.#shelf2 = Math.abs(s2) < 1e-15 ? 0 : s2;
    this.#high1 = Math.abs(h1) < 1e-15 ? 0 : h1;
    this.#high2 = Math.abs(h2) < 1e-15 ? 0 : h2;
    return sum;
  }
}

interface Biquad {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
}

function shelf(sampleRate: number): Biquad {
  const q = 0.7071752369554196;
  const k = Math.tan((Math.PI * 1681.974450955533) / sampleRate);
  const high = 10 ** (3.999843853973347 / 20);
  const band = high ** 0.4996667741545416;
  const a0 = 1 + k / q + k * k;
  return {
    b0: (high + (band * k) / q + k * k) / a0,
    b1: (2 * (k * k - high)) / a0,
    b2: (high - (band * k) / q + k * k) / a0,
    a1: (2 * (k * k - 1)) / a0,
    a2: (1 - k / q + k * k) / a0,
  };
}

function highPass(sampleRate: number): Biquad {
  const q = 0.5003270373238773;
  const k = Math.tan((Math.PI * 38.13547087602444) / sampleRate);
  const a0 = 1 + k / q + k * k;
  return { b0: 1, b1: -2, b2: 1, a1: (2 * (k * k - 1)) / a0, a2: (1 - k / q + k * k) / a0 };
}
