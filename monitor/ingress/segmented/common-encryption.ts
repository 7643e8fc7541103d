import { IngressError } from '../ingress.ts';
import { decryptFragment } from './protected-fragment.ts';
import { clearMovie, type ProtectedTrack, type Protection } from './protected-movie.ts';

/** A fragment of 10 s at 50 Mb/s. */
const largestBox = 64 * 1024 * 1024;

/**
 * Takes Common Encryption off fragmented MP4 (ISO/IEC 23001-7: `cenc` and `cbcs`). What comes out has the boxes of a
 * clear movie, each as long as it was. A clear movie passes as it arrives.
 */
export class CommonEncryption {
  #tracks: ReadonlyMap<number, ProtectedTrack> = new Map();

  /** Whether the movie is encrypted, as far as it has been seen. */
  get encrypted(): boolean {
    return this.#tracks.size > 0;
  }

  /**
   * The clear bytes of an initialisation section, of a segment, or of both.
   * @throws IngressError WrongKey, UnsupportedStream
   */
  async *clear(
    chunks: AsyncIterable<Buffer>,
    keyFor: (protection: Protection) => Buffer,
  ): AsyncGenerator<Buffer> {
    const boxes = new BoxAssembler();
    const held: Buffer[] = [];
    for await (const chunk of chunks) {
      if (boxes.passing) {
        yield chunk;
        continue;
      }
      boxes.add(chunk);
      while (!boxes.passing) {
        // Clear media data may be of any size, so that it is never put together.
        if (this.#tracks.size === 0 && !mayPrecedeMovie.has(boxes.nextType)) {
          yield boxes.pass();
          break;
        }
        const box = boxes.take();
        if (!box) break;
        const clear = this.#box(box, held, keyFor);
        if (clear) yield clear;
        if (typeOf(box) === 'moov' && this.#tracks.size === 0) yield boxes.pass();
      }
    }
    // Of an encrypted fragment that is cut nothing can be given on.
    if (!boxes.passing && this.#tracks.size === 0) yield boxes.pass();
  }

  /** What can be given on once this box is there: a movie fragment waits for its media data. */
  #box(box: Buffer, held: Buffer[], keyFor: (protection: Protection) => Buffer): Buffer | undefined {
    const type = typeOf(box);
    try {
      if (type === 'moov') this.#tracks = clearMovie(box.subarray(8));
      if (this.#tracks.size === 0) return box;
      if (type === 'moof') held.length = 0;
      if (type === 'moof' || held.length > 0) held.push(box);
      if (type !== 'mdat' || held.length === 0) return held.length > 0 ? undefined : box;
      const fragment = Buffer.concat(held);
      const moofSize = held[0]!.length;
      held.length = 0;
      decryptFragment(fragment, moofSize, this.#tracks, keyFor);
      return fragment;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new IngressError('UnsupportedStream', 'the boxes of an encrypted fragment are malformed');
    }
  }
}

/** What may come before a movie box; nothing is known yet of a box whose type has not arrived. */
const mayPrecedeMovie = new Set(['', 'ftyp', 'styp', 'free', 'skip', 'pdin', 'moov']);

function typeOf(box: Buffer): string {
  return box.toString('latin1', 4, 8);
}

/** Puts top-level boxes together from chunks, until all that is left passes as it arrives. */
class BoxAssembler {
  #parts: Buffer[] = [];
  #size = 0;
  #passing = false;

  get passing(): boolean {
    return this.#passing;
  }

  /** Of the box that is being put together; empty while its header is not there. */
  get nextType(): string {
    if (this.#size < 8) return '';
    // Joined at every chunk, a large box would be copied as often as it has chunks.
    return typeOf(this.#parts[0]!.length < 8 ? this.#joined() : this.#parts[0]!);
  }

  add(chunk: Buffer): void {
    this.#parts.push(chunk);
    this.#size += chunk.length;
  }

  /**
   * The next box once it is whole; a copy, to be changed in place.
   * @throws IngressError UnsupportedStream for a size that no box of a fragment has
   */
  take(): Buffer | undefined {
    if (this.#size < 8) return undefined;
    if (this.#parts[0]!.length < 8) this.#joined();
    const size = this.#parts[0]!.readUInt32BE(0);
    if (size > largestBox || size < 8) {
      throw new IngressError('UnsupportedStream', 'a box is malformed or larger than 64 MiB');
    }
    if (this.#size < size) return undefined;
    const all = this.#joined();
    this.#parts = [all.subarray(size)];
    this.#size -= size;
    return Buffer.from(all.subarray(0, size));
  }

  /** What is there; what comes from now on is not put together. */
  pass(): Buffer {
    this.#passing = true;
    return this.#joined();
  }

  #joined(): Buffer {
    if (this.#parts.length > 1) this.#parts = [Buffer.concat(this.#parts)];
    return this.#parts[0] ?? Buffer.alloc(0);
  }
}
