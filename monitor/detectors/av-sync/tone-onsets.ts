/** A run of interleaved 16-bit samples; `time` is media seconds of the first. */
export interface Audio {
  readonly time: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly samples: Int16Array;
}

/** Analysis step and window, in seconds and steps. 10 ms separate 1 kHz from its neighbours by 100 Hz. */
const stepSeconds = 0.001;
const windowSteps = 10;
/** Least amplitude of the tone, of full scale: -50 dBFS. */
const leastAmplitude = 0.003;
/** Share of the sound's power that the tone must have: it may be mixed into programme sound twice as strong. */
const leastPurity = 0.3;
const shortestTone = 0.03;
const longestTone = 0.25;
/** The tone must stand this far (12 dB) above what the same frequency carried shortly before. */
const leastContrast = 4;
/** Where "shortly before" is, in steps before the onset: the window itself is left out. */
const quietFrom = 40;
const quietTo = 12;
const historySteps = 512;
/** The window is still full of a burst for a while after it; what is left then is no burst of its own. */
const restSteps = 2 * windowSteps;
/** A time stamp may be this far from the sample count before it is believed instead: containers round to 1 ms. */
const slack = 0.004;

/**
 * Finds short bursts of one tone in programme sound and dates their onset to about 1 ms: a sliding single-bin
 * DFT (Goertzel 1958) over a rectangular window, whose output rises in a straight line while a tone enters it,
 * so that the window's centre is at the onset when the output is at half its peak.
 */
export class ToneOnsets {
  readonly #frequency: number;
  #sampleRate = 0;
  #next = Number.NaN;
  #cosine = 1;
  #sine = 0;
  #filled = 0;
  #step = new Accumulator();
  #window: Accumulator[] = [];
  /** Amplitudes by step number modulo `historySteps`; the step's time is `#origin + number × step`. */
  readonly #amplitudes = new Float32Array(historySteps);
  #steps = 0;
  #origin = 0;
  #stepSamples = 0;
  #restUntil = 0;
  #burst: Burst | undefined;

  /** @param frequency of the tone, in Hz */
  constructor(frequency: number) {
    this.#frequency = frequency;
  }

  reset(): void {
    this.#next = Number.NaN;
  }

  /** Media seconds at which bursts began that ended in this run. */
  step({ time, sampleRate, channels, samples }: Audio): readonly number[] {
    if (sampleRate !== this.#sampleRate || !(Math.abs(time - this.#next) <= slack))
      this.#restart(time, sampleRate);
    const onsets: number[] = [];
    const turn = (2 * Math.PI * this.#frequency) / sampleRate;
    const turnCosine = Math.cos(turn);
    const turnSine = Math.sin(turn);
    let cosine = this.#cosine;
    let sine = this.#sine;
    let step = this.#step;
    const scale = 1 / (32_768 * channels);
    const frames = Math.floor(samples.length / channels);
    for (let frame = 0, index = 0; frame < frames; frame++) {
      let sum = 0;
      for (let channel = 0; channel < channels; channel++) sum += samples[index++]!;
      const value = sum * scale;
      step.real += value * cosine;
      step.imaginary += value * sine;
      step.power += value * value;
      const turned = cosine * turnCosine - sine * turnSine;
      sine = cosine * turnSine + sine * turnCosine;
      cosine = turned;
      if (++this.#filled === this.#stepSamples) {
        const length = Math.hypot(cosine, sine);
        cosine /= length;
        sine /= length;
        const onset = this.#endStep();
        if (onset !== undefined) onsets.push(onset);
        step = this.#step;
      }
    }
    this.#cosine = cosine;
    this.#sine = sine;
    this.#next += frames / sampleRate;
    return onsets;
  }

  #restart(time: number, sampleRate: number): void {
    this.#sampleRate = sampleRate;
    this.#stepSamples = Math.max(1, Math.round(sampleRate * stepSeconds));
    this.#next = time;
    this.#origin = time;
    this.#filled = 0;
    this.#step = new Accumulator();
    this.#window = [];
    this.#steps = 0;
    this.#restUntil = 0;
    this.#burst = undefined;
  }

  #endStep(): number | undefined {
    this.#window.push(this.#step);
    const spare = this.#window.length > windowSteps ? this.#window.shift()! : new Accumulator();
    this.#filled = 0;
    let real = 0;
    let imaginary = 0;
    let power = 0;
    for (const step of this.#window) {
      real += step.real;
      imaginary += step.imaginary;
      power += step.power;
    }
    this.#step = spare.clear();
    const samples = windowSteps * this.#stepSamples;
    const amplitude = (2 * Math.hypot(real, imaginary)) / samples;
    const now = this.#steps++;
    this.#amplitudes[now % historySteps] = amplitude;
    const pure = (amplitude * amplitude) / 2 >= (leastPurity * power) / samples;
    if (this.#burst) return this.#follow(this.#burst, now, amplitude);
    if (now >= this.#restUntil && pure && amplitude >= leastAmplitude)
      this.#burst = { peak: amplitude, started: now };
    return undefined;
  }

  #follow(burst: Burst, now: number, amplitude: number): number | undefined {
    if (amplitude > burst.peak) {
      burst.peak = amplitude;
      // A burst on a quieter note of the same pitch begins where it rises out of the note.
      while (this.#amplitude(burst.started) < burst.peak / 2) burst.started++;
    }
    if (amplitude >= burst.peak / 2) return undefined;
    this.#burst = undefined;
    const length = this.#stepSamples / this.#sampleRate;
    if ((now - burst.started) * length > longestTone) return undefined;
    const onset = this.#halfPeak(burst);
    const duration = (now - onset) * length;
    if (duration < shortestTone || duration > longestTone) return undefined;
    if (this.#loudestBefore(onset) * leastContrast > burst.peak) return undefined;
    this.#restUntil = now + restSteps;
    return this.#origin + (onset + 1 - windowSteps / 2) * length;
  }

  /** Step number, with a fraction, at which the amplitude rose through half the peak. */
  #halfPeak({ peak, started }: Burst): number {
    const half = peak / 2;
    const earliest = Math.max(1, started - 3 * windowSteps);
    let step = started;
    while (step > earliest && this.#amplitude(step - 1) >= half) step--;
    const rise = this.#amplitude(step) - this.#amplitude(step - 1);
    return rise > 0 ? step - Math.min(1, (this.#amplitude(step) - half) / rise) : step;
  }

  #amplitude(step: number): number {
    return step < 0 ? 0 : this.#amplitudes[step % historySteps]!;
  }

  #loudestBefore(onset: number): number {
    let loudest = 0;
    for (let step = Math.floor(onset) - quietFrom; step <= onset - quietTo; step++) {
      loudest = Math.max(loudest, this.#amplitude(step));
    }
    return loudest;
  }
}

/** A rise of the tone: its highest amplitude so far, and the first step at half of that or more. */
interface Burst {
  peak: number;
  started: number;
}

class Accumulator {
  real = 0;
  imaginary = 0;
  power = 0;

  clear(): this {
    this.real = 0;
    this.imaginary = 0;
    this.power = 0;
    return this;
  }
}
