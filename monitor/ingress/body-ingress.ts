import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type Ingress, IngressError, type IngressListener, type IngressSession } from './ingress.ts';
import { sight } from './input-kinds.ts';
import { TsTap } from './ts-tap.ts';

const readAhead = 1024 * 1024;

/** Media that comes as one body: HTTP-TS, a local transport stream, a progressive file. */
export interface MediaBody {
  readonly format?: 'mpegts' | 'mov';
  /** Fails with an IngressError when the body breaks off. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Declared length in bytes; without one the body is live. */
  readonly length?: number;
}

/**
 * Sessions of one body: one for as long as it lasts, or, in a transport stream, until other tracks or codecs follow,
 * which a decoder would not notice.
 */
export class BodyIngress implements Ingress {
  readonly #body: MediaBody;
  readonly #listener: IngressListener;
  readonly #onClose: () => void;
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #tap: TsTap | undefined;
  #bytes: Readable | undefined;
  /** Where the next session starts, once the programme has changed. */
  #following: Buffer | undefined;
  #failure: IngressError | undefined;
  #ended = false;
  #closed = false;

  constructor(body: MediaBody, listener: IngressListener, onClose: () => void) {
    this.#body = body;
    this.#listener = listener;
    this.#onClose = onClose;
    this.#chunks = body.chunks[Symbol.asyncIterator]();
    const live = body.length === undefined;
    this.#tap = body.format === 'mpegts' ? new TsTap(listener, { broadcast: live }) : undefined;
  }

  async next(): Promise<IngressSession | undefined> {
    if (this.#bytes && !this.#bytes.closed) await finished(this.#bytes).catch(() => {});
    if (this.#closed) return undefined;
    if (this.#bytes && !this.#following) return this.#afterwards();
    this.#bytes = Readable.from(this.#received(), { objectMode: false, highWaterMark: readAhead });
    const { format } = this.#body;
    return {
      inputs: [{ carries: 'program', ...(format && { format }), bytes: this.#bytes }],
      expectedGap: 2,
      live: this.#body.length === undefined,
      ...(format === 'mpegts' ? sight.packets : sight.unseen),
    };
  }

  close(): void {
    this.#closed = true;
    this.#bytes?.destroy();
    this.#onClose();
  }

  /** A live body has no end of its own. */
  #afterwards(): undefined {
    if (this.#failure) throw this.#failure;
    if (this.#body.length !== undefined) return undefined;
    throw this.#ended
      ? new IngressError('SenderStopped', 'the origin ended the stream')
      : new IngressError('Undecodable', 'what the origin sends cannot be decoded');
  }

  async *#received(): AsyncGenerator<Buffer> {
    const start = this.#following;
    this.#following = undefined;
    try {
      if (start) yield start;
      for (;;) {
        const { value, done } = await this.#chunks.next();
        if (done) break;
        this.#tap?.write(value);
        const change = this.#tap?.programChange;
        if (change) {
          this.#following = Buffer.concat([change.tables, value.subarray(change.after)]);
          yield value.subarray(0, change.before);
          return;
        }
        yield value;
      }
      this.#ended = true;
    } catch (error) {
      if (this.#closed) return;
      if (!(error instanceof IngressError)) throw error;
      if (this.#body.length !== undefined) {
        this.#listener.onEvidence({ evidence: 'short-segment', track: 'unknown', count: 1 });
      }
      this.#failure = new IngressError('SenderStopped', `the stream broke off: ${error.message}`, {
        cause: error,
      });
    } finally {
      // Whoever gives a session up has given up the body.
      if (!this.#following) await this.#chunks.return?.();
    }
  }
}
