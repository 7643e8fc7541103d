import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type Ingress, IngressError, type IngressOptions, type IngressSession } from './ingress.ts';
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

/** One session, for as long as the body lasts. */
export class BodyIngress implements Ingress {
  readonly #body: MediaBody;
  readonly #options: Pick<IngressOptions, 'onEvidence'>;
  readonly #onClose: () => void;
  #bytes: Readable | undefined;
  #failure: IngressError | undefined;
  #ended = false;
  #closed = false;

  constructor(body: MediaBody, options: Pick<IngressOptions, 'onEvidence'>, onClose: () => void) {
    this.#body = body;
    this.#options = options;
    this.#onClose = onClose;
  }

  async next(): Promise<IngressSession | undefined> {
    if (this.#closed) return undefined;
    if (this.#bytes) return this.#afterwards(this.#bytes);
    const live = this.#body.length === undefined;
    this.#bytes = Readable.from(this.#received(), { objectMode: false, highWaterMark: readAhead });
    const { format } = this.#body;
    return {
      inputs: [{ carries: 'program', ...(format && { format }), bytes: this.#bytes }],
      expectedGap: 2,
      live,
      transportSeen: format === 'mpegts',
    };
  }

  close(): void {
    this.#closed = true;
    this.#bytes?.destroy();
    this.#onClose();
  }

  /** A live body has no end of its own. */
  async #afterwards(bytes: Readable): Promise<undefined> {
    if (!bytes.closed) await finished(bytes).catch(() => {});
    if (this.#closed) return undefined;
    if (this.#failure) throw this.#failure;
    if (this.#body.length !== undefined) return undefined;
    throw this.#ended
      ? new IngressError('SenderStopped', 'the origin ended the stream')
      : new IngressError('Undecodable', 'what the origin sends cannot be decoded');
  }

  async *#received(): AsyncGenerator<Buffer> {
    const live = this.#body.length === undefined;
    const tap =
      this.#body.format === 'mpegts' ? new TsTap(this.#options.onEvidence, { broadcast: live }) : undefined;
    try {
      for await (const chunk of this.#body.chunks) {
        tap?.write(chunk);
        yield chunk;
      }
      this.#ended = true;
    } catch (error) {
      if (this.#closed) return;
      if (!(error instanceof IngressError)) throw error;
      if (this.#body.length !== undefined) {
        this.#options.onEvidence({ evidence: 'short-segment', track: 'unknown', count: 1 });
      }
      this.#failure = new IngressError('SenderStopped', `the stream broke off: ${error.message}`, {
        cause: error,
      });
    }
  }
}
