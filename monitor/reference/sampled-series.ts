export interface SeriesShape {
  /** Rows a second. */
  readonly rate: number;
  /** Values in a row. */
  readonly channels: number;
  /** Rows between the two values whose difference is kept. */
  readonly span: number;
  /** Differences beyond this are cut, so that a cut or a bang does not outweigh all else. */
  readonly limit: number;
  /** Seconds that are kept. */
  readonly keep: number;
}

/** Rows further apart than this are not joined by a line, in seconds. */
const longestGap = 0.5;
/** Rows are dropped this many seconds at a time. */
const slack = 20;

/**
 * How the values of one track change, on an even grid of time. What comes at any frame rate is interpolated in a
 * straight line between its time stamps, which favours no rate: a picture that is held would come late by half
 * its duration. Where nothing came there is no change.
 */
export class SampledSeries {
  readonly shape: SeriesShape;
  /** Differences, row by row from `start`. */
  readonly #rows: Float32Array;
  /** Sum of squares of all rows before this one. */
  readonly #energy: Float64Array;
  readonly #capacity: number;
  readonly #recent: Float32Array[];
  #start = 0;
  #end = 0;
  #last: { readonly time: number; readonly values: Float32Array } | undefined;
  /** Rows since the last gap. */
  #run = 0;

  constructor(shape: SeriesShape) {
    this.shape = shape;
    this.#capacity = Math.ceil((shape.keep + slack) * shape.rate);
    this.#rows = new Float32Array(this.#capacity * shape.channels);
    this.#energy = new Float64Array(this.#capacity + 1);
    this.#recent = Array.from({ length: shape.span + 1 }, () => new Float32Array(shape.channels));
  }

  /** Number of the oldest row kept; row n is that of time n ÷ rate. */
  get start(): number {
    return this.#start;
  }

  /** Number after the newest row. */
  get end(): number {
    return this.#end;
  }

  reset(): void {
    this.#last = undefined;
    this.#run = 0;
    this.#start = 0;
    this.#end = 0;
  }

  /** Values at a time in seconds; those that do not follow the last are left out. */
  push(time: number, values: Float32Array): void {
    const last = this.#last;
    if (last && time <= last.time) return;
    const { rate } = this.shape;
    const first = Math.ceil(time * rate);
    if (!last) {
      this.#start = first;
      this.#end = first;
    } else if (time - last.time > longestGap) this.#skip(first);
    else {
      for (; this.#end / rate <= time; ) {
        const share = (this.#end / rate - last.time) / (time - last.time);
        this.#append(last.values, values, Math.max(0, share));
      }
    }
    this.#last = { time, values: values.slice() };
  }

  /** Nothing came before this time: rows without change. */
  idle(time: number): void {
    const last = this.#last;
    if (last && time - last.time > longestGap) this.#skip(Math.ceil(time * this.shape.rate));
  }

  /** Mean square of the changes per value in rows `from` to `to`. */
  activity(from: number, to: number): number {
    return to <= from ? 0 : this.energy(from, to) / ((to - from) * this.shape.channels);
  }

  /** Sum of squares of the rows from `from` to `to`, within `start` and `end`. */
  energy(from: number, to: number): number {
    return Math.max(0, this.#energy[to - this.#start]! - this.#energy[from - this.#start]!);
  }

  /** Rows `from` to `to`, within `start` and `end`; a view that is valid until the next `push`. */
  view(from: number, to: number): Float32Array {
    const { channels } = this.shape;
    return this.#rows.subarray((from - this.#start) * channels, (to - this.#start) * channels);
  }

  #append(before: Float32Array, after: Float32Array, share: number): void {
    const { channels, span, limit } = this.shape;
    this.#makeRoom();
    const row = this.#end - this.#start;
    const current = this.#recent[this.#run % (span + 1)]!;
    const compared = this.#run >= span ? this.#recent[(this.#run - span) % (span + 1)]! : undefined;
    const offset = row * channels;
    let energy = 0;
    for (let channel = 0; channel < channels; channel++) {
      const value = before[channel]! + share * (after[channel]! - before[channel]!);
      current[channel] = value;
      const change = compared ? Math.max(-limit, Math.min(limit, value - compared[channel]!)) : 0;
      this.#rows[offset + channel] = change;
      energy += change * change;
    }
    this.#energy[row + 1] = this.#energy[row]! + energy;
    this.#run++;
    this.#end++;
  }

  #skip(to: number): void {
    this.#run = 0;
    if (to - this.#end > this.#capacity) {
      this.#start = to;
      this.#end = to;
      this.#energy[0] = 0;
    }
    while (this.#end < to) {
      this.#makeRoom();
      const row = this.#end - this.#start;
      this.view(this.#end, this.#end + 1).fill(0);
      this.#energy[row + 1] = this.#energy[row]!;
      this.#end++;
    }
  }

  #makeRoom(): void {
    if (this.#end - this.#start < this.#capacity) {
      if (this.#end === this.#start) this.#energy[0] = 0;
      return;
    }
    const { channels, rate } = this.shape;
    const dropped = Math.floor(slack * rate);
    const base = this.#energy[dropped]!;
    this.#rows.copyWithin(0, dropped * channels);
    this.#energy.copyWithin(0, dropped);
    for (let row = 0; row <= this.#capacity - dropped; row++) this.#energy[row]! -= base;
    this.#start += dropped;
  }
}
