import { setTimeout as delay } from 'node:timers/promises';
import { isPassing } from '../http-failure.ts';
import { IngressError } from '../ingress.ts';
import {
  isOtherMedia,
  signatureBytes,
  signatureOf,
  startsBox,
  startsTransportStream,
} from '../media-signature.ts';
import { type OpenResource, peek } from '../resource.ts';
import type { KeyStore } from './key-store.ts';
import type { SegmentKey, SegmentMethod, SegmentSource } from './media-playlist.ts';
import { decrypted } from './segment-crypto.ts';

/** A segment of 10 s at 200 Mb/s: more is no segment. */
const largestSegment = 256 * 1024 * 1024;
const attempts = 4;

/** Reads segments, and decrypts those that are encrypted as a whole. */
export class SegmentReader {
  readonly #open: OpenResource;
  readonly keys: KeyStore;

  constructor(open: OpenResource, keys: KeyStore) {
    this.#open = open;
    this.keys = keys;
  }

  /**
   * The bytes of a segment as they arrive, clear when it was encrypted as a whole. A connection that breaks is taken up again where it broke, up to
   * three times, `retryDelay` seconds apart, as long as that takes no more than four times as long.
   * @throws IngressError when the segment cannot be had, is no media, or does not decrypt
   */
  async *read(source: SegmentSource, retryDelay: number, signal: AbortSignal): AsyncGenerator<Buffer> {
    const key = source.key && wholeKey(source.key);
    if (!key) {
      yield* this.#recognised(this.#persistent(source, retryDelay, signal), false);
      return;
    }
    const secret = await this.key(key, retryDelay, signal);
    let begun = false;
    try {
      const chunks = decrypted(this.#persistent(source, retryDelay, signal), key, secret);
      for await (const chunk of this.#recognised(chunks, true)) {
        begun = true;
        yield chunk;
      }
    } catch (error) {
      if (begun || !(error instanceof IngressError) || error.reason !== 'WrongKey') throw error;
      this.keys.forget(key.uri);
      const renewed = await this.key(key, retryDelay, signal);
      if (renewed.equals(secret)) throw error;
      yield* this.#recognised(decrypted(this.#persistent(source, retryDelay, signal), key, renewed), true);
    }
  }

  async *#recognised(chunks: AsyncIterable<Buffer>, encrypted: boolean): AsyncGenerator<Buffer> {
    const { head, chunks: all } = await peek(chunks, signatureBytes).catch((error: unknown) => {
      throw encrypted && error instanceof IngressError && error.reason === 'WrongKey' ? wrongKey() : error;
    });
    if (encrypted && !startsTransportStream(head) && !startsBox(head) && !isOtherMedia(head))
      throw wrongKey();
    if (!encrypted && signatureOf(head) === 'text') {
      throw new IngressError('NotMedia', 'a segment is text where audio or video is expected');
    }
    yield* all;
  }

  /**
   * The key of a playlist, asked for as persistently as a segment.
   * @throws IngressError KeyUnavailable, EgressDenied
   */
  async key(key: SegmentKey, retryDelay: number, signal: AbortSignal): Promise<Buffer> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.keys.get(key, signal);
      } catch (error) {
        const cause = error instanceof IngressError ? error.cause : undefined;
        if (signal.aborted || attempt >= attempts || !isPassing(cause)) throw error;
        await delay(retryDelay * 1000, undefined, { signal });
      }
    }
  }

  /** The bytes of a source as they are stored. */
  async *#persistent(source: SegmentSource, retryDelay: number, signal: AbortSignal): AsyncGenerator<Buffer> {
    const start = source.range?.offset ?? 0;
    const wanted = source.range?.length ?? Number.POSITIVE_INFINITY;
    let received = 0;
    let progressAt = performance.now();
    for (let attempt = 1; ; attempt++) {
      try {
        const range = {
          offset: start + received,
          ...(wanted !== Number.POSITIVE_INFINITY && { length: wanted - received }),
        };
        const resource = await this.#open(source.uri, {
          what: 'segment',
          signal,
          ...((source.range || received > 0) && { range }),
        });
        let position = resource.offset;
        for await (const chunk of resource.chunks) {
          // An origin that ignores ranges sends everything from the start.
          const piece = chunk.subarray(
            Math.max(0, start + received - position),
            Math.max(0, start + wanted - position),
          );
          position += chunk.length;
          if (piece.length > 0) {
            received += piece.length;
            progressAt = performance.now();
            if (received > largestSegment) throw tooLarge();
            yield piece;
          }
          if (received >= wanted) return;
        }
        if (received === 0) throw new IngressError('UpstreamError', 'a segment is empty');
        if (wanted !== Number.POSITIVE_INFINITY && received < wanted) {
          throw new IngressError('UpstreamError', 'a segment ends before its declared length');
        }
        return;
      } catch (error) {
        const late = performance.now() - progressAt > attempts * retryDelay * 1000;
        if (signal.aborted || late || attempt >= attempts || !isPassing(error)) throw error;
        await delay(retryDelay * 1000, undefined, { signal });
      }
    }
  }
}

function wrongKey(): IngressError {
  return new IngressError(
    'WrongKey',
    'a segment does not decrypt to audio or video: the key or its IV is wrong',
  );
}

function tooLarge(): IngressError {
  return new IngressError('UnsupportedStream', `a segment is larger than ${largestSegment} bytes`);
}

/** The key when the segment is encrypted as a whole, and not its samples. */
function wholeKey({
  method,
  ...key
}: SegmentKey): (SegmentKey & { readonly method: SegmentMethod }) | undefined {
  return method === 'SAMPLE-AES' || method === 'SAMPLE-AES-CTR' ? undefined : { ...key, method };
}
