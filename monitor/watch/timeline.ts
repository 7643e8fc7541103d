import { ArrivalClock } from './arrival-clock.ts';

/** Timestamps of one track further apart than this belong to different epochs; ffmpeg takes the same limit. */
const jumpLimit = 10;
/** After a pause come what the decoder still held from before it, and then what the sender sends now. */
const heldSeconds = 2;
/** Presentation never goes back: a step back beyond rounding is another epoch. */
const backLimit = 0.5;

export type Track = 'video' | 'audio';

export interface Placement {
  /** Media seconds on the timeline. */
  readonly time: number;
  /** The sample is the first of a new epoch: media before and after are not comparable. */
  readonly epoch: boolean;
}

/** A stretch of one time base; both tracks refer to the same while they agree. */
interface Epoch {
  offset: number;
}

/**
 * Places media timestamps on the stream's timeline: seconds that run on through reconnects and jumps, that
 * follow the wall clock while a live stream gives nothing, and that never go back. Pure: the wall clock is
 * passed in, as seconds since the timeline's zero.
 */
export class Timeline {
  #live = false;
  #newest: Epoch | undefined;
  #before: Epoch | undefined;
  readonly #tracks = new Map<Track, { epoch: Epoch; lastPts: number }>();
  #now: number;
  readonly #arrivals = new ArrivalClock();
  /** Seconds of the last pause that later timestamps may turn out to hold already. */
  #paused = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #resumes = false;

  /** `start`: where a timeline goes on that an earlier process began. */
  constructor(start = 0) {
    this.#now = start;
  }

  /** The latest time placed, or reached by a pause. */
  get now(): number {
    return this.#now;
  }

  /** Wall clock of a time placed, in seconds since the timeline's zero. */
  wallOf(time: number): number {
    return this.#arrivals.wallOf(time);
  }

  /** Time that was live at a wall clock, in seconds since the timeline's zero. */
  timeOf(wall: number): number {
    return this.#arrivals.timeOf(wall);
  }

  /** The next sample is of another session, whose timestamps say nothing about the last one's. */
  beginSession(live: boolean): void {
    this.#live = live;
    this.#paused = 0;
    this.#pausedUntil = Number.NEGATIVE_INFINITY;
    this.#newest = undefined;
    this.#before = undefined;
    this.#tracks.clear();
  }

  /** Places a sample that arrived at `wall`. */
  place(track: Track, pts: number, wall: number): Placement {
    const current = this.#tracks.get(track);
    if (this.#paused > 0) this.#settlePause(current?.lastPts, pts);
    let epoch = current && continues(current.lastPts, pts) ? current.epoch : undefined;
    const begins = epoch === undefined && !this.#joins(pts, current?.epoch);
    if (begins) this.#begin(pts, wall);
    epoch ??= this.#newest!;
    this.#tracks.set(track, { epoch, lastPts: pts });
    const placed = pts + epoch.offset;
    // What one decoder held back, after the other track has shown where the sender is now.
    const time = placed < this.#pausedUntil - backLimit ? this.#pausedUntil : placed;
    this.#now = Math.max(this.#now, time);
    if (begins || this.#resumes) this.#arrivals.begin(time);
    this.#resumes = false;
    this.#arrivals.arrived(time, wall);
    return { time, epoch: begins };
  }

  /** Where a timestamp of the transport lies; undefined while its epoch has not begun. */
  locate(pts: number): number | undefined {
    for (const epoch of [this.#newest, this.#before]) {
      if (epoch && Math.abs(pts + epoch.offset - this.#now) <= jumpLimit) return pts + epoch.offset;
    }
    return undefined;
  }

  /** Nothing arrives: time goes on to `time`, and later samples follow from there. */
  pause(time: number): void {
    const passed = time - this.#now;
    if (passed <= 0) return;
    this.#now = time;
    if (this.#pausedUntil + heldSeconds < time - passed) this.#paused = 0;
    this.#paused += passed;
    this.#pausedUntil = time;
    this.#resumes = true;
    this.#move(passed);
  }

  /** Where the sender's clock ran on through the pause, its timestamps already hold the time that passed. */
  #settlePause(lastPts: number | undefined, pts: number): void {
    const skipped = lastPts !== undefined && continues(lastPts, pts) ? pts - lastPts : 0;
    if (skipped > backLimit) {
      this.#move(-Math.min(this.#paused, skipped));
      this.#paused = 0;
    } else if (this.#now > this.#pausedUntil + heldSeconds) {
      this.#paused = 0;
    }
  }

  #move(seconds: number): void {
    if (this.#newest) this.#newest.offset += seconds;
    if (this.#before) this.#before.offset += seconds;
  }

  /** Whether a track's first sample, or its first after a jump, lies in the epoch that the other track is in. */
  #joins(pts: number, left: Epoch | undefined): boolean {
    return (
      this.#newest !== undefined &&
      this.#newest !== left &&
      Math.abs(pts + this.#newest.offset - this.#now) <= jumpLimit
    );
  }

  #begin(pts: number, wall: number): void {
    const start = this.#live ? Math.max(this.#now, wall) : this.#now;
    this.#before = this.#newest;
    // A session's timestamps count from the start of its container, which may be before this sample.
    const containerStart = this.#newest === undefined && pts >= 0 && pts <= jumpLimit;
    this.#newest = { offset: containerStart ? start : start - pts };
  }
}

function continues(lastPts: number, pts: number): boolean {
  return pts >= lastPts - backLimit && pts <= lastPts + jumpLimit;
}
