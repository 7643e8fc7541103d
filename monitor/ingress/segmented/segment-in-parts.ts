import { IngressError } from '../ingress.ts';
import type {
  MediaPlaylist,
  MediaSegment,
  OpenSegment,
  SegmentPart,
  SegmentSource,
} from './media-playlist.ts';
import { step } from './playlist-position.ts';

export interface PartSource {
  /** The playlist as it was loaded last. */
  readonly playlist: () => MediaPlaylist;
  /** Waits until it may have more than `part` parts of the segment, or the whole one. @throws IngressError */
  readonly wait: (part: number | undefined) => Promise<void>;
  /** Bytes of a part or of a segment. @throws IngressError */
  readonly read: (source: SegmentSource) => AsyncIterable<Buffer>;
  /** Something is odd: it is read as a whole from here on. */
  readonly onOddity: (what: string) => void;
  readonly signal: AbortSignal;
}

/**
 * A segment that is read part by part while it is made (RFC 8216bis §4.4.4.9): its parts, one after the other, are its
 * bytes. Where a part is odd the rest is taken from the whole segment once that is listed, from the byte on that was
 * reached, so that nothing is read twice and nothing is left out.
 */
export class SegmentInParts {
  readonly #open: OpenSegment;
  readonly #source: PartSource;
  #listed: MediaSegment | undefined;
  #received = 0;
  #seconds = 0;

  constructor(open: OpenSegment, source: PartSource) {
    this.#open = open;
    this.#source = source;
  }

  /** As the playlist lists it, once it is whole. */
  get listed(): MediaSegment | undefined {
    return this.#listed;
  }

  /** @throws IngressError when the segment cannot be had to its end */
  async *bytes(): AsyncGenerator<Buffer> {
    const { playlist, wait, signal } = this.#source;
    let read = 0;
    let inParts = true;
    while (!signal.aborted) {
      const listed = this.#whole(playlist());
      const parts = listed ? listed.parts : this.#partsOf(playlist());
      while (inParts && parts && read < parts.length) {
        inParts = yield* this.#part(parts[read]!);
        if (inParts) read++;
      }
      if (listed) {
        this.#listed = listed;
        if (!inParts || !this.#covers(listed)) yield* this.#rest(listed);
        return;
      }
      if (inParts && read > (parts?.length ?? 0)) {
        this.#source.onOddity('parts that were listed are no longer there');
        inParts = false;
      }
      await wait(inParts ? read : undefined);
    }
  }

  /** @returns whether all of it came */
  async *#part(part: SegmentPart): AsyncGenerator<Buffer, boolean> {
    if (part.gap) {
      this.#source.onOddity('a part is declared to be missing');
      return false;
    }
    try {
      for await (const chunk of this.#source.read(part)) {
        this.#received += chunk.length;
        yield chunk;
      }
      this.#seconds += part.duration;
      return true;
    } catch (error) {
      if (this.#source.signal.aborted || !(error instanceof IngressError)) throw error;
      this.#source.onOddity(error.message);
      return false;
    }
  }

  async *#rest({ range, ...segment }: MediaSegment): AsyncGenerator<Buffer> {
    if (segment.gap) throw new IngressError('NotFound', 'a segment is declared to be missing');
    const length = range?.length === undefined ? undefined : range.length - this.#received;
    if (length !== undefined && length <= 0) return;
    const rest = {
      offset: (range?.offset ?? 0) + this.#received,
      ...(length !== undefined && { length }),
    };
    yield* this.#source.read({ ...segment, ...((range || this.#received > 0) && { range: rest }) });
  }

  /** Whether the parts that were read are all of it, whichever the playlist still lists; durations are rounded. */
  #covers({ duration }: MediaSegment): boolean {
    const { partTarget = 0 } = this.#source.playlist();
    return this.#seconds > duration - partTarget / 4;
  }

  #partsOf({ open }: MediaPlaylist): readonly SegmentPart[] | undefined {
    return open?.sequence === this.#open.sequence ? open.parts : undefined;
  }

  /** @throws IngressError when the playlist goes on without it */
  #whole(playlist: MediaPlaylist): MediaSegment | undefined {
    const found = step(playlist, this.#open.sequence);
    if (found.step === 'segment' && found.skipped === 0) return found.segment;
    if (found.step === 'wait') return undefined;
    throw new IngressError('NotFound', 'a segment that was begun is not in the playlist any more');
  }
}
