import { ptsDifference } from '../ts-time.ts';
import type { MediaSegment } from './media-playlist.ts';

/** Playlists before version 3 round durations to whole seconds (RFC 8216 §4.3.2.1). */
const rounding = 0.5;

/** How long the segments of one stretch are, by where the next one begins. */
export class SegmentLengths {
  #last: { readonly segment: MediaSegment; readonly start: number } | undefined;

  /** Seconds by which the segment before this one is longer or shorter than the playlist says, if that is known. */
  add(segment: MediaSegment, start: number | undefined): number | undefined {
    const last = this.#last;
    this.#last = start === undefined ? undefined : { segment, start };
    if (!last || start === undefined || segment.sequence !== last.segment.sequence + 1) return undefined;
    const { duration } = last.segment;
    const mismatch = Math.abs(ptsDifference(start, last.start) - duration);
    return Number.isInteger(duration) ? Math.max(0, mismatch - rounding) : mismatch;
  }
}
