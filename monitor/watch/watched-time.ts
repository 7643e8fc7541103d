import type { StreamReason } from '../../crds/stream-state.ts';
import type { DefectSeconds } from '../incidents/defect-clock.ts';
import type { SuppressedSeconds } from '../incidents/suppressed-clock.ts';
import type { WatchedSeconds } from './watch-event.ts';

/**
 * What a stretch of time was: watched by the wall clock, watched as far as media went on, the same with the rest blind,
 * or blind and why.
 */
export type Coverage =
  | 'wall'
  | 'media'
  | { readonly behind: StreamReason }
  | { readonly blind: StreamReason };

/** What else is told with the seconds. */
export interface WatchedCounts {
  readonly frames: number;
  readonly evidence: Readonly<Record<string, number>>;
  readonly defects: readonly DefectSeconds[];
  readonly suppressed?: SuppressedSeconds;
}

/** Accounts for every second of a stream, as monitored or as blind. Pure: wall clock (ms) and media seconds are given. */
export class WatchedTime {
  #countedAt: number;
  #countedMedia: number;
  #toldAt: number;
  #monitored = 0;
  #blind: Partial<Record<StreamReason, number>> = {};

  constructor(now: number, media: number) {
    this.#countedAt = now;
    this.#countedMedia = media;
    this.#toldAt = now;
  }

  /** Adds the time since the last count to what it was. */
  count(now: number, media: number, coverage: Coverage): void {
    // A clock that is set back takes away nothing.
    const wallSeconds = Math.max(0, now - this.#countedAt) / 1000;
    const mediaSeconds = Math.max(0, media - this.#countedMedia);
    this.#countedAt = now;
    this.#countedMedia = media;
    if (coverage === 'wall') this.#monitored += wallSeconds;
    else if (coverage === 'media') this.#monitored += mediaSeconds;
    else if ('blind' in coverage) this.#missed(coverage.blind, wallSeconds);
    else {
      const watched = Math.min(wallSeconds, mediaSeconds);
      this.#monitored += watched;
      this.#missed(coverage.behind, wallSeconds - watched);
    }
  }

  #missed(reason: StreamReason, seconds: number): void {
    this.#blind[reason] = (this.#blind[reason] ?? 0) + seconds;
  }

  /** What was counted since the last call; `cpu` is the converter's, in seconds. */
  take(
    now: number,
    { frames, evidence, defects, suppressed = {} }: WatchedCounts,
    cpu: number,
  ): WatchedSeconds {
    // An incident stays open while its stream cannot be watched, but those seconds are blind and no defect.
    const onlyBlind = this.#monitored === 0 && Object.keys(this.#blind).length > 0;
    const seconds: WatchedSeconds = {
      from: new Date(Math.min(now, this.#toldAt)).toISOString(),
      to: new Date(now).toISOString(),
      monitored: this.#monitored,
      blind: this.#blind,
      defect: onlyBlind ? [] : defects,
      suppressed: onlyBlind ? {} : suppressed,
      frames,
      evidence,
      cpu,
    };
    this.#toldAt = now;
    this.#monitored = 0;
    this.#blind = {};
    return seconds;
  }
}
