import type { Flash } from './flash-onsets.ts';
import { median } from './median.ts';

/** What the sync marker tells. Seconds; the offset is positive when audio is early, negative when it is late. */
export interface MarkerReading {
  readonly offset: number;
  /** When the first pair of this steady offset was seen. */
  readonly since: number;
  /** A smaller offset cannot be told from none: one frame interval. */
  readonly resolution: number;
  /** 0 … 1, from how many pairs there are and how well they agree. */
  readonly confidence: number;
}

interface Pair {
  readonly time: number;
  readonly offset: number;
  readonly resolution: number;
}

/** Flash and tone further apart than this are not paired, so the marker's period must be above twice this. */
const reach = 0.65;
/** A tone is reported when it is over: audio must be this much past a flash's reach before it is paired. */
const settling = 0.3;
/** Pairs that make a marker. Cuts on the beat and gunfire do not repeat so. */
const leastPairs = 3;
const mostPairs = 5;
/** Pairs agree when their offsets differ by no more than the frame grid and this, in seconds. */
const jitter = 0.015;
const periodRange = { from: 0.5, to: 6 };
/** Between two pairs one may be lost: a flash on a white background, a tone under a shout. */
const mostMultiple = 2;

/** Flashes, or tones, that wait for the other track; where that one is not delivered the oldest are dropped. */
const mostWaiting = 64;
/** After this long without a pair the next one starts a new run, in seconds. */
const forget = 15;

/** Pairs flashes with tones, and reads the offset where at least three pairs repeat steadily. */
export class MarkerOffset {
  #flashes: Flash[] = [];
  #tones: number[] = [];
  /** The newest pairs that bear the offset out, and those since that speak for another one. */
  #steady: Pair[] = [];
  #deviant: Pair[] = [];
  #since = 0;

  reset(): void {
    this.#flashes = [];
    this.#tones = [];
    this.#steady = [];
    this.#deviant = [];
  }

  flash(flash: Flash): void {
    this.#flashes = [...this.#flashes, flash].slice(-mostWaiting);
  }

  /** @param time onset of a tone burst, in media seconds */
  tone(time: number): void {
    this.#tones = [...this.#tones, time].slice(-mostWaiting);
  }

  /** Pairs what both tracks have passed; the reading when the newest pair bears one out. */
  settle(videoTime: number, audioTime: number): MarkerReading | undefined {
    const settled = Math.min(videoTime, audioTime) - reach - settling;
    let reading: MarkerReading | undefined;
    while (this.#flashes.length > 0 && this.#flashes[0]!.time <= settled) {
      const { time, resolution } = this.#flashes.shift()!;
      const pair = this.#pair({ time, resolution });
      if (pair) reading = this.#add(pair);
    }
    this.#tones = this.#tones.filter((tone) => tone > settled - reach);
    return reading;
  }

  /** Programme sound may hold a burst of its own: one that agrees with the pairs before goes first. */
  #pair({ time, resolution }: Flash): Pair | undefined {
    const pairs = this.#tones
      .map((tone) => ({ time, offset: time - tone, resolution }))
      .filter(({ offset }) => Math.abs(offset) <= reach)
      .toSorted((a, b) => Math.abs(a.offset) - Math.abs(b.offset));
    return (
      pairs.find((pair) => agrees(pair, this.#steady)) ??
      pairs.find((pair) => agrees(pair, this.#deviant)) ??
      pairs[0]
    );
  }

  #add(pair: Pair): MarkerReading | undefined {
    const last = this.#steady.at(-1) ?? this.#deviant.at(-1);
    if (last && pair.time - last.time > forget) {
      this.#steady = [];
      this.#deviant = [];
    }
    if (agrees(pair, this.#steady)) {
      this.#deviant = [];
      this.#steady = [...this.#steady, pair].slice(-mostPairs);
    } else {
      this.#deviant = agrees(pair, this.#deviant) ? [...this.#deviant, pair].slice(-leastPairs) : [pair];
      if (!repeats(this.#deviant) && !this.#moved()) return undefined;
      this.#steady = this.#deviant;
      this.#since = this.#deviant[0]!.time;
      this.#deviant = [];
    }
    return read(this.#steady, this.#since);
  }

  /** Whether the marker's flashes go on as before, and two of its tones agree on another offset. */
  #moved(): boolean {
    return this.#deviant.length >= 2 && repeats([...this.#steady.slice(1 - leastPairs), ...this.#deviant]);
  }
}

function agrees(pair: Pair, run: readonly Pair[]): boolean {
  if (run.length === 0) return false;
  const offset = median(run.map((other) => other.offset));
  return Math.abs(pair.offset - offset) <= spread([...run, pair]);
}

/** How far offsets may lie apart: the frame grid cuts each flash to its frame. */
function spread(run: readonly Pair[]): number {
  return Math.max(...run.map(({ resolution }) => resolution)) + jitter;
}

/** Whether the pairs come at one period, some left out. */
function repeats(run: readonly Pair[]): boolean {
  if (run.length < leastPairs) return false;
  const intervals = run.slice(1).map((pair, index) => pair.time - run[index]!.time);
  const period = Math.min(...intervals);
  if (period < periodRange.from || period > periodRange.to) return false;
  return intervals.every((interval) => {
    const multiple = Math.round(interval / period);
    return multiple <= mostMultiple && Math.abs(interval - multiple * period) <= spread(run);
  });
}

function read(run: readonly Pair[], since: number): MarkerReading {
  const offsets = run.map(({ offset }) => offset);
  const offset = median(offsets);
  const deviation = median(offsets.map((other) => Math.abs(other - offset)));
  return {
    offset,
    since,
    resolution: median(run.map(({ resolution }) => resolution)),
    confidence: (0.7 + (0.3 * run.length) / mostPairs) * (1 - (0.5 * deviation) / spread(run)),
  };
}
