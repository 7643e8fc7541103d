import type { MediaPlaylist, MediaSegment } from './media-playlist.ts';

/** Seconds between loads at least and at most, whatever a playlist says. */
const shortestWait = 0.25;
const longestWait = 60;

/** Segments by which an edge server's copy of a live playlist may lag behind another's. */
const edgeLag = 3;

/**
 * Where to start: the beginning of a finite playlist, three target durations from the end of a live one
 * (RFC 8216 §6.3.3).
 */
export function startSequence({ segments, ended, targetDuration }: MediaPlaylist): number | undefined {
  if (ended) return segments[0]?.sequence;
  let fromEnd = 0;
  for (let index = segments.length - 1; index >= 0; index--) {
    fromEnd += segments[index]!.duration;
    if (fromEnd >= 3 * targetDuration) return segments[index]!.sequence;
  }
  return segments[0]?.sequence;
}

/** What follows in a playlist for a reader that wants segment `next`. */
export type Step =
  /** `skipped`: segments that left the playlist before they were read. */
  | { readonly step: 'segment'; readonly segment: MediaSegment; readonly skipped: number }
  | { readonly step: 'wait' }
  /** Numbering went back: the packager started anew. */
  | { readonly step: 'restarted' }
  | { readonly step: 'end' };

/** What a reader that wants segment `next` does with the playlist as it is now. */
export function step({ segments, ended }: MediaPlaylist, next: number): Step {
  const first = segments[0];
  const last = segments.at(-1);
  if (!first || !last) return { step: ended ? 'end' : 'wait' };
  if (next < first.sequence) return { step: 'segment', segment: first, skipped: first.sequence - next };
  const segment = segments[next - first.sequence];
  if (segment) return { step: 'segment', segment, skipped: 0 };
  if (next > last.sequence + 1 + edgeLag) return { step: 'restarted' };
  return { step: ended ? 'end' : 'wait' };
}

/**
 * Seconds from one load of a live playlist to the next: the target duration, half of it when nothing was new
 * (RFC 8216 §6.3.4).
 */
export function reloadDelay(playlist: MediaPlaylist, changed: boolean): number {
  const due = changed ? playlist.targetDuration : playlist.targetDuration / 2;
  return Math.min(longestWait, Math.max(shortestWait, due));
}

/**
 * Seconds within which a live playlist has something new: 1.5 target durations (RFC 8216 §6.2.2), or as many of the
 * periods in which it is made anew, where those are longer.
 */
export function newsDue({ targetDuration, updatePeriod = 0 }: MediaPlaylist): number {
  return 1.5 * Math.max(targetDuration, updatePeriod);
}

/**
 * Seconds after which a playlist without news counts as failed: packagers hiccup, viewers stop waiting. One that lists
 * nothing yet gets a few loads to begin.
 */
export function staleAfter({ targetDuration, segments }: MediaPlaylist): number {
  if (segments.length === 0) return Math.min(15, 2 * targetDuration);
  return Math.min(60, Math.max(15, 5 * targetDuration));
}
