import type { IngressListener } from '../ingress.ts';
import { signatureBytes, signatureOf } from '../media-signature.ts';
import { Mp4Tap } from '../mp4-tap.ts';
import { peek } from '../resource.ts';
import { TsTap } from '../ts-tap.ts';
import type { MediaPlaylist } from './media-playlist.ts';
import { type AnnouncedSegment, SegmentCues } from './segment-cues.ts';

/** Watches the segments of one stretch go by, whichever container they are in. */
export class SegmentTaps {
  readonly #ts: TsTap;
  readonly #mp4: Mp4Tap;
  readonly #cues: SegmentCues;

  constructor(listener: IngressListener) {
    this.#ts = new TsTap(listener, { broadcast: false });
    this.#mp4 = new Mp4Tap(listener.onEvidence);
    this.#cues = new SegmentCues((cue) => listener.onCue?.(cue));
  }

  /** Presentation time of the newest picture, in seconds. */
  get videoPts(): number | undefined {
    return this.#ts.videoPts ?? this.#mp4.videoPts;
  }

  /** Presentation time at which the segment begins, in seconds; unknown until its first picture or sound. */
  get segmentStart(): number | undefined {
    return this.#ts.segmentStart ?? this.#mp4.segmentStart;
  }

  /** What a playlist announces at a segment is told once the segment, or the next that can be read, begins. */
  announce(segment: AnnouncedSegment, playlist: MediaPlaylist): void {
    this.#cues.begin(segment, playlist);
  }

  startSegment(options: { readonly afterLoss: boolean; readonly ownTables: boolean }): void {
    this.#ts.startSegment(options);
    this.#mp4.startSegment();
  }

  async *watch(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const { head, chunks: all } = await peek(chunks, signatureBytes);
    const signature = signatureOf(head);
    const tap = signature === 'mpegts' ? this.#ts : signature === 'mov' ? this.#mp4 : undefined;
    for await (const chunk of all) {
      tap?.write(chunk);
      this.#cues.starts(this.segmentStart);
      yield chunk;
    }
  }
}
