import type { BreakCue, RelativeCue } from '../breaks/break-cue.ts';
import type { MediaPlaylist, MediaSegment } from './media-playlist.ts';

/** What announcements need to know of a segment. */
export type AnnouncedSegment = Pick<MediaSegment, 'cues' | 'clock' | 'duration'>;

/**
 * Tells what a playlist announces with each segment, as soon as the segment's first timestamp is known and so before
 * its pictures are decoded. What stands at a segment that cannot be read is told with the next.
 */
export class SegmentCues {
  readonly #tell: (cue: BreakCue) => void;
  /** Of segments, and not told yet. */
  #own: RelativeCue[] = [];
  /** From the playlist as a whole, which says it again with each segment. */
  #clocked: readonly RelativeCue[] = [];
  #last = 0;

  constructor(tell: (cue: BreakCue) => void) {
    this.#tell = tell;
  }

  begin({ cues = [], clock, duration }: AnnouncedSegment, { announcements = [] }: MediaPlaylist): void {
    const missed = this.#own.map((cue) => ({ ...cue, after: cue.after - this.#last }));
    this.#own = [...missed, ...cues];
    this.#clocked =
      clock === undefined
        ? []
        : announcements.flatMap(({ at, news }) => news.map((each) => ({ ...each, after: at - clock })));
    this.#last = duration;
  }

  /** The segment's first PTS, where it is known already. */
  starts(pts: number | undefined): void {
    if (pts === undefined) return;
    const due = [...this.#own, ...this.#clocked];
    this.#own = [];
    this.#clocked = [];
    for (const cue of due) this.#tell({ ...cue, pts });
  }
}
