const ticksPerSecond = 27_000_000;
/** References that are looked at together: a line through fewer follows their errors, 2.5 s of them no drift. */
const windowLength = 64;
/** Further off the line than this on average, in seconds, a stuffed stream has no constant rate either. */
const constantRate = 0.001;

/**
 * How far clock references are off from where their bytes are (ETSI TR 101 290 §5.3.2.6, PCR_AC): in a stream of
 * constant rate, whatever the network did to arrival. A stream without stuffing has none.
 */
export class ClockAccuracy {
  readonly #packets = new Float64Array(windowLength);
  readonly #ticks = new Float64Array(windowLength);
  #count = 0;
  #stuffing = 0;
  #ticksPerPacket: number | undefined;

  /** Packets were lost, or the clock began anew: bytes say nothing about the time between. */
  restart(): void {
    this.#count = 0;
    this.#ticksPerPacket = undefined;
  }

  /** Of a constant rate, ticks of 27 MHz for each packet. */
  get ticksPerPacket(): number | undefined {
    return this.#ticksPerPacket;
  }

  /**
   * Takes a reference, in ticks that never wrap, with the packets and the stuffing packets counted up to it; the
   * largest error in seconds once a window of constant rate is full.
   */
  add(ticks: number, packets: number, stuffing: number): number | undefined {
    if (this.#count === 0) this.#stuffing = stuffing;
    this.#ticks[this.#count] = ticks;
    this.#packets[this.#count] = packets;
    if (++this.#count < windowLength) return undefined;
    this.#count = 0;
    const { slope, mean, largest } = lineThrough(this.#packets, this.#ticks);
    const constant = stuffing > this.#stuffing && mean < constantRate * ticksPerSecond;
    this.#ticksPerPacket = constant ? slope : undefined;
    return constant ? largest / ticksPerSecond : undefined;
  }
}

/** Least squares: the slope, and the mean (root of squares) and largest distance of the points from the line. */
function lineThrough(xs: Float64Array, ys: Float64Array): { slope: number; mean: number; largest: number } {
  const count = xs.length;
  const [x0, y0] = [xs[0]!, ys[0]!];
  let [sumX, sumY, sumXx, sumXy] = [0, 0, 0, 0];
  for (let index = 0; index < count; index++) {
    const [x, y] = [xs[index]! - x0, ys[index]! - y0];
    sumX += x;
    sumY += y;
    sumXx += x * x;
    sumXy += x * y;
  }
  const slope = (count * sumXy - sumX * sumY) / (count * sumXx - sumX * sumX);
  const start = (sumY - slope * sumX) / count;
  let [squares, largest] = [0, 0];
  for (let index = 0; index < count; index++) {
    const distance = Math.abs(ys[index]! - y0 - start - slope * (xs[index]! - x0));
    squares += distance * distance;
    largest = Math.max(largest, distance);
  }
  return { slope, mean: Math.sqrt(squares / count), largest };
}
