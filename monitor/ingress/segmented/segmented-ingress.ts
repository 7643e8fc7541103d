import { once } from 'node:events';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type Ingress, IngressError, type IngressInput, type IngressSession } from '../ingress.ts';
import { sight } from '../input-kinds.ts';
import { signatureOf } from '../media-signature.ts';
import type { Stretch, Track } from './track.ts';

/** Read ahead per input, in bytes. */
const readAhead = 512 * 1024;

/** Sessions of a stream whose media comes in segments (HLS, DASH), from one track or from two. */
export class SegmentedIngress implements Ingress {
  readonly #tracks: readonly Track[];
  readonly #onClose: () => void;
  readonly #closing = new AbortController();
  #current: RunningSession | undefined;

  constructor(tracks: readonly Track[], onClose: () => void) {
    this.#tracks = tracks;
    this.#onClose = onClose;
  }

  async next(): Promise<IngressSession | undefined> {
    for (;;) {
      await this.#current?.over();
      if (this.#closing.signal.aborted || this.#tracks.every((track) => track.over)) return undefined;
      this.#current = new RunningSession(this.#tracks, this.#closing.signal);
      const session = await this.#current.started();
      if (session) return session;
    }
  }

  close(): void {
    this.#closing.abort();
    this.#onClose();
  }
}

/** One stretch, read by all tracks at once, each at the pace of its own consumer. */
class RunningSession {
  readonly #tracks: readonly Track[];
  readonly #bodies: readonly Readable[];
  readonly #abort = new AbortController();
  readonly #ends: Promise<unknown>;
  #failure: unknown;

  constructor(tracks: readonly Track[], closing: AbortSignal) {
    this.#tracks = tracks.filter((track) => !track.over);
    const stretch: Stretch = { signal: AbortSignal.any([this.#abort.signal, closing]), end: undefined };
    this.#bodies = this.#tracks.map((track) =>
      Readable.from(this.#guarded(track, stretch), { objectMode: false, highWaterMark: readAhead }),
    );
    // A consumer that gives one input up has given up the session.
    for (const body of this.#bodies) body.once('close', () => !body.readableEnded && this.#abort.abort());
    stretch.signal.addEventListener('abort', () => this.#bodies.map((body) => body.destroy()), {
      once: true,
    });
    this.#ends = Promise.all(this.#bodies.map((body) => finished(body).catch(() => {})));
  }

  /** The session once the first bytes of every input are there; `undefined` when it is over without any. */
  async started(): Promise<IngressSession | undefined> {
    const heads = await Promise.all(this.#bodies.map(firstBytes));
    if (this.#failure) throw this.#failure;
    const inputs = this.#tracks.flatMap((track, index): IngressInput[] => {
      const head = heads[index];
      const signature = head && signatureOf(head);
      if (!head) return [];
      return [
        {
          carries: track.carries,
          ...(track.soundtrack && { soundtrack: track.soundtrack }),
          ...((signature === 'mpegts' || signature === 'mov') && { format: signature }),
          bytes: this.#bodies[index]!,
        },
      ];
    });
    if (inputs.length === 0) return undefined;
    return {
      inputs,
      expectedGap: 1.5 * Math.max(...this.#tracks.map((track) => track.targetDuration)),
      live: this.#tracks.some((track) => track.live),
      decrypted: this.#tracks.some((track) => track.decrypted),
      ...sight.segments,
    };
  }

  /** Resolves when every input has ended. @throws what ended them, when it was a failure */
  async over(): Promise<void> {
    await this.#ends;
    if (this.#failure) throw this.#failure;
  }

  /** A failure of one track ends the others in order too; the consumer learns the reason from `next()`. */
  async *#guarded(track: Track, stretch: Stretch): AsyncGenerator<Buffer> {
    try {
      yield* track.bytes(stretch);
    } catch (error) {
      if (stretch.signal.aborted) return;
      this.#failure ??=
        error instanceof IngressError
          ? error
          : new IngressError('UpstreamError', 'the stream could not be read', { cause: error });
      stretch.end = 0;
    }
  }
}

async function firstBytes(body: Readable): Promise<Buffer | undefined> {
  while (body.readableLength === 0 && !body.readableEnded && !body.destroyed) {
    await Promise.race([once(body, 'readable'), once(body, 'end'), once(body, 'close')]).catch(() => {});
    if (body.readableLength === 0) body.read(0);
    if (body.readableLength === 0 && (body.readableEnded || body.destroyed)) return undefined;
  }
  const head: Buffer | null = body.read();
  if (head) body.unshift(head);
  return head ?? undefined;
}
