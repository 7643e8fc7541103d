import { signatureBytes, signatureOf } from '../media-signature.ts';
import { peek, readAll } from '../resource.ts';
import { CommonEncryption } from './common-encryption.ts';
import type { KeyStore } from './key-store.ts';
import type { SegmentKey } from './media-playlist.ts';
import { decryptTransport } from './sample-aes.ts';

const largestSegment = 64 * 1024 * 1024;

/** Decrypts the samples in the segments of one track, whose initialisation section says how. */
export class SampleDecryption {
  readonly #keys: KeyStore;
  readonly #movie = new CommonEncryption();

  #sampleAes = false;

  /** Whether samples were encrypted. */
  get used(): boolean {
    return this.#sampleAes || this.#movie.encrypted;
  }

  constructor(keys: KeyStore) {
    this.#keys = keys;
  }

  /**
   * The clear bytes of a segment or of its initialisation section. Segments of encrypted samples come as a whole.
   * @param key of the samples as the playlist gives it; one that a movie needs beyond that is the user's
   * @param fetch gets the key when it has an address
   * @throws IngressError WrongKey, UnsupportedStream, and what `fetch` throws
   */
  async *clear(
    chunks: AsyncIterable<Buffer>,
    key: SegmentKey | undefined,
    fetch: (key: SegmentKey) => Promise<Buffer>,
  ): AsyncGenerator<Buffer> {
    const { head, chunks: all } = await peek(chunks, signatureBytes);
    const signature = signatureOf(head);
    if (signature === 'mov') {
      const fetched = key?.uri === undefined ? undefined : await fetch(key);
      yield* this.#movie.clear(all, ({ keyId }) => fetched ?? this.#keys.supplied(keyId));
    } else if (signature === 'mpegts' && key) {
      this.#sampleAes = true;
      const segment = await readAll(all, largestSegment, 'segment');
      decryptTransport(segment, await fetch(key), key.iv);
      yield segment;
    } else {
      yield* all;
    }
  }
}
