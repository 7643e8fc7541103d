import { IngressError } from '../ingress.ts';
import { type OpenResource, readAll } from '../resource.ts';
import type { ContentKeys } from './content-keys.ts';
import type { SegmentKey } from './media-playlist.ts';
import { keyLength } from './segment-crypto.ts';

/** Keys rotate; old ones are not asked for again. */
const mostKeys = 8;
const largestAnswer = 4096;

/** The keys of one stream, each fetched once. */
export class KeyStore {
  readonly #open: OpenResource;
  readonly #supplied: ContentKeys | undefined;
  readonly #keys = new Map<string, Promise<Buffer>>();

  /** @param supplied by the user, for what a licence system has the keys of */
  constructor(open: OpenResource, supplied?: ContentKeys) {
    this.#open = open;
    this.#supplied = supplied;
  }

  /**
   * @param keyId of what is encrypted, where it has one
   * @throws IngressError UnsupportedStream where no key was supplied, WrongKey where none of them is for this ID
   */
  supplied(keyId?: string): Buffer {
    if (this.#supplied) return this.#supplied.keyFor(keyId);
    throw new IngressError(
      'UnsupportedStream',
      'the segments are encrypted for a licence system: give their key with decryption.keyFrom',
    );
  }

  /** @throws IngressError KeyUnavailable, EgressDenied, and what `supplied` throws */
  async get({ uri, method }: SegmentKey, signal: AbortSignal): Promise<Buffer> {
    if (uri === undefined) return this.supplied();
    const key = await (this.#keys.get(uri) ?? this.#fetch(uri, signal));
    if (key.length !== keyLength(method)) {
      this.forget(uri);
      throw new IngressError(
        'KeyUnavailable',
        `the key server answered ${key.length} bytes where ${method} takes ${keyLength(method)}`,
      );
    }
    return key;
  }

  /** Lets the key be fetched again: it may have been replaced at the same address. */
  forget(uri: string | undefined): void {
    if (uri !== undefined) this.#keys.delete(uri);
  }

  #fetch(uri: string, signal: AbortSignal): Promise<Buffer> {
    const fetched = this.#read(uri, signal);
    this.#keys.set(uri, fetched);
    fetched.catch(() => this.forget(uri));
    for (const oldest of this.#keys.keys()) {
      if (this.#keys.size <= mostKeys) break;
      this.#keys.delete(oldest);
    }
    return fetched;
  }

  async #read(uri: string, signal: AbortSignal): Promise<Buffer> {
    try {
      const { chunks } = await this.#open(uri, { what: 'key', signal });
      return await readAll(chunks, largestAnswer, 'key');
    } catch (error) {
      if (signal.aborted || !(error instanceof IngressError) || error.reason === 'EgressDenied') throw error;
      throw new IngressError('KeyUnavailable', `the key could not be fetched: ${error.message}`, {
        cause: error,
      });
    }
  }
}
