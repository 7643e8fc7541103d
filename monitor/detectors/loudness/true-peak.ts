/** ITU-R BS.1770-4, annex 2, asks for four times oversampling of 48 kHz. */
const phases = 4;
const taps = 16;
/** Samples that are looked at together, and skipped together where they cannot exceed the peak so far. */
const chunk = 32;

/** Sinc under a Kaiser window (β = 6), one row of taps per phase; a constant passes unchanged. */
const filter = Array.from({ length: phases }, (_, phase) => {
  const row = Float64Array.from({ length: taps }, (_, tap) => {
    const x = tap - taps / 2 + 1 - phase / phases;
    const window = bessel(6 * Math.sqrt(Math.max(0, 1 - (x / (taps / 2)) ** 2))) / bessel(6);
    return x === 0 ? 1 : (Math.sin(Math.PI * x) / (Math.PI * x)) * window;
  });
  const sum = row.reduce((total, value) => total + value, 0);
  return row.map((value) => value / sum);
});
/** No interpolated sample is larger than this times the largest sample about it. */
const gain = Math.max(...filter.map((row) => row.reduce((total, value) => total + Math.abs(value), 0)));

/** The highest level between the samples of one channel. State is kept from call to call. */
export class TruePeak {
  #line = new Float32Array(0);

  /** Largest magnitude, 1 at full scale, or `least` where none is larger; sound is heard `taps / 2` samples late. */
  peak(samples: Float32Array, least: number): number {
    const held = taps - 1;
    if (this.#line.length !== samples.length + held) this.#line = new Float32Array(samples.length + held);
    const line = this.#line;
    line.set(samples, held);
    let peak = Math.max(least, magnitudeOf(samples, 0, samples.length));
    for (let from = 0; from < samples.length; from += chunk) {
      const to = Math.min(samples.length, from + chunk);
      if (magnitudeOf(line, from, to + held) * gain > peak)
        peak = Math.max(peak, interpolated(line, from, to));
    }
    line.copyWithin(0, samples.length);
    return peak;
  }
}

function magnitudeOf(samples: Float32Array, from: number, to: number): number {
  let largest = 0;
  for (let index = from; index < to; index++) {
    const magnitude = Math.abs(samples[index]!);
    if (magnitude > largest) largest = magnitude;
  }
  return largest;
}

/** The largest magnitude between samples; all phases at once, since each sample is read for all of them. */
function interpolated(line: Float32Array, from: number, to: number): number {
  const [, first, second, third] = filter as [Float64Array, Float64Array, Float64Array, Float64Array];
  let peak = 0;
  for (let index = from; index < to; index++) {
    let quarter = 0;
    let half = 0;
    let threeQuarters = 0;
    for (let tap = 0; tap < taps; tap++) {
      const sample = line[index + tap]!;
      quarter += first[tap]! * sample;
      half += second[tap]! * sample;
      threeQuarters += third[tap]! * sample;
    }
    peak = Math.max(peak, Math.abs(quarter), Math.abs(half), Math.abs(threeQuarters));
  }
  return peak;
}

/** Modified Bessel function of the first kind, order 0, by its series. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; k < 30; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
