import type { IngressEvidence } from '../ingress.ts';
import { signatureBytes, signatureOf } from '../media-signature.ts';
import { Mp4Tap } from '../mp4-tap.ts';
import { peek } from '../resource.ts';
import { TsTap } from '../ts-tap.ts';

/** Watches the segments of one stretch go by, whichever container they are in. */
export class SegmentTaps {
  readonly #ts: TsTap;
  readonly #mp4: Mp4Tap;

  constructor(report: (evidence: IngressEvidence) => void) {
    this.#ts = new TsTap(report, { broadcast: false });
    this.#mp4 = new Mp4Tap(report);
  }

  /** Presentation time of the newest picture, in seconds. */
  get videoPts(): number | undefined {
    return this.#ts.videoPts ?? this.#mp4.videoPts;
  }

  /** Presentation time at which the segment begins, in seconds; unknown until its first picture or sound. */
  get segmentStart(): number | undefined {
    return this.#ts.segmentStart ?? this.#mp4.segmentStart;
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
      yield chunk;
    }
  }
}
