import { median } from './median.ts';

/** What the time stamps prove. Seconds; positive when audio is early against where it began, negative when late. */
export interface TimestampReading {
  readonly offset: number;
  readonly since: number;
  readonly evidence: 'jump' | 'drift';
}

/** A step between time stamps beyond the running interval by more than this is a jump, in seconds. */
const leastJump = 0.08;
/** Skew bins, in seconds of media; a jump is judged against the bins before it. */
const binSeconds = 1;
const baselineBins = 10;
/** The new skew must hold this long, and a jump that leaves no lasting skew within `expiry` was only a gap. */
const holdBins = 5;
const expiry = 15;
/** Drift: so many points at least, of 10 s at first, halved in number and doubled in length when full. */
const driftSeconds = 10;
const leastPoints = 12;
const mostPoints = 60;
/** Median distance of the points from the line, as a share of its growth. */
const straightness = 0.1;

interface Point {
  readonly time: number;
  readonly skew: number;
}

/**
 * Skew of delivered media: how far the newest video time stamp is ahead of the newest audio's. Its absolute value
 * says nothing (multiplexers may lead either track), and a change can be late delivery. What proves a multiplexer
 * or clock fault is a jump of one track's time stamps that the skew keeps for good, and a skew that grows in a
 * straight line over minutes.
 */
export class TimestampOffset {
  #video: { readonly time: number; readonly interval: number } | undefined;
  #audioEnd: number | undefined;
  #bin: { readonly index: number; readonly skews: number[] } | undefined;
  #recent: Point[] = [];
  /** Sum of the jumps since the baseline (video less audio), when the first came, and the skew before it. */
  #jump: { readonly time: number; net: number; readonly baseline: number } | undefined;
  #points: Point[] = [];
  #pointSpan = driftSeconds;
  #pointBins: Point[] = [];
  #drift: TimestampReading | undefined;

  reset(): void {
    this.#video = undefined;
    this.#audioEnd = undefined;
    this.#bin = undefined;
    this.#recent = [];
    this.#jump = undefined;
    this.#forgetDrift();
  }

  audio(time: number, duration: number): void {
    if (this.#audioEnd !== undefined) this.#note(time, -(time - this.#audioEnd));
    this.#audioEnd = time + duration;
  }

  /** About once a second: what is proven, or `none`; undefined in between. */
  frame(time: number): TimestampReading | 'none' | undefined {
    if (this.#video) {
      const interval = time - this.#video.time;
      if (this.#video.interval > 0) this.#note(time, interval - this.#video.interval);
      const usual =
        this.#video.interval > 0 && interval > 2 * this.#video.interval ? this.#video.interval : interval;
      this.#video = { time, interval: usual };
    } else {
      this.#video = { time, interval: 0 };
    }
    if (this.#audioEnd === undefined) return undefined;
    const index = Math.floor(time / binSeconds);
    const skew = time - this.#audioEnd;
    if (this.#bin?.index === index) {
      this.#bin.skews.push(skew);
      return undefined;
    }
    const finished = this.#bin;
    this.#bin = { index, skews: [skew] };
    return finished ? this.#judge({ time, skew: median(finished.skews) }) : undefined;
  }

  #note(time: number, jump: number): void {
    if (Math.abs(jump) < leastJump) return;
    this.#forgetDrift();
    if (this.#jump) this.#jump.net += jump;
    else if (this.#recent.length >= holdBins) {
      this.#jump = { time, net: jump, baseline: median(this.#recent.map(({ skew }) => skew)) };
    }
  }

  #judge(point: Point): TimestampReading | 'none' {
    this.#recent = [...this.#recent, point].slice(this.#jump ? -holdBins : -baselineBins);
    if (this.#jump) return this.#judgeJump(this.#jump, point.time);
    this.#follow(point);
    return this.#drift ?? 'none';
  }

  #judgeJump(jump: { time: number; net: number; baseline: number }, now: number): TimestampReading | 'none' {
    const skews = this.#recent.filter(({ time }) => time > jump.time + binSeconds).map(({ skew }) => skew);
    const change = median(skews) - jump.baseline;
    const margin = 0.03 + 0.2 * Math.abs(jump.net);
    const kept =
      skews.length >= holdBins &&
      Math.abs(change - jump.net) <= margin &&
      Math.max(...skews) - Math.min(...skews) <= 2 * margin;
    if (kept && Math.abs(jump.net) >= leastJump / 2)
      return { offset: change, since: jump.time, evidence: 'jump' };
    if (now - jump.time > expiry) this.#jump = undefined;
    return 'none';
  }

  #follow(point: Point): void {
    this.#pointBins.push(point);
    if (point.time - this.#pointBins[0]!.time < this.#pointSpan) return;
    this.#points.push({ time: point.time, skew: median(this.#pointBins.map(({ skew }) => skew)) });
    this.#pointBins = [];
    this.#drift = drift(this.#points);
    if (this.#points.length < mostPoints) return;
    this.#points = this.#points.filter((_, index) => index % 2 === 0);
    this.#pointSpan *= 2;
  }

  #forgetDrift(): void {
    this.#drift = undefined;
    this.#points = [];
    this.#pointBins = [];
    this.#pointSpan = driftSeconds;
  }
}

/** The line through most of the points (Theil 1950, Sen 1968), where they follow one. */
function drift(points: readonly Point[]): TimestampReading | undefined {
  if (points.length < leastPoints) return undefined;
  const first = points[0]!;
  const last = points.at(-1)!;
  const slopes: number[] = [];
  for (const [index, a] of points.entries()) {
    for (const b of points.slice(index + 1)) slopes.push((b.skew - a.skew) / (b.time - a.time));
  }
  const slope = median(slopes);
  const offset = slope * (last.time - first.time);
  const intercept = median(points.map(({ time, skew }) => skew - slope * (time - first.time)));
  const distance = median(
    points.map(({ time, skew }) => Math.abs(skew - intercept - slope * (time - first.time))),
  );
  if (distance > straightness * Math.abs(offset)) return undefined;
  return { offset, since: first.time, evidence: 'drift' };
}
