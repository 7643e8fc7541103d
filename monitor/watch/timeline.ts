/** Timestamps of one track further apart than this belong to different epochs; ffmpeg takes the same limit. */
const jumpLimit = 10;
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
  #lead = 0;

  /** `start`: where a timeline goes on that an earlier process began. */
  constructor(start = 0) {
    this.#now = start;
  }

  /** The latest time placed, or reached by a pause. */
  get now(): number {
    return this.#now;
  }

  /** How far the timeline is ahead of the wall clock: live sources send their recent past at once. */
  get lead(): number {
    return this.#lead;
  }

  /** The next sample is of another session, whose timestamps say nothing about the last one's. */
  beginSession(live: boolean): void {
    this.#live = live;
    this.#newest = undefined;
    this.#before = undefined;
    this.#tracks.clear();
  }

  /** Places a sample that arrived at `wall`. */
  place(track: Track, pts: number, wall: number): Placement {
    const current = this.#tracks.get(track);
    let epoch = current && continues(current.lastPts, pts) ? current.epoch : undefined;
    const begins = epoch === undefined && !this.#joins(pts, current?.epoch);
    if (begins) this.#begin(pts, wall);
    epoch ??= this.#newest!;
    this.#tracks.set(track, { epoch, lastPts: pts });
    const time = pts + epoch.offset;
    this.#now = Math.max(this.#now, time);
    this.#lead = Math.max(begins ? 0 : this.#lead, time - wall);
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
    if (this.#newest) this.#newest.offset += passed;
    if (this.#before) this.#before.offset += passed;
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
