import { Transform, type TransformCallback } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** What goes wrong with a response; several can be combined. */
export interface Fault {
  /** Answer this instead of the file. */
  readonly status?: number;
  readonly body?: string;
  readonly contentType?: string;
  /** The file's text as it is sent instead. */
  readonly rewrite?: (text: string) => string;
  /** Redirect there (302). */
  readonly location?: string;
  /** Refuse with 403 unless this request header has this value. */
  readonly unless?: { readonly header: string; readonly value: string };
  /** Seconds before anything is answered. */
  readonly delay?: number;
  readonly bytesPerSecond?: number;
  /** After so many bytes of the body, cut the connection … */
  readonly cutAfter?: number;
  /** … or send no more and leave it open. */
  readonly stallAfter?: number;
}

/** Passes a body on as slowly, and as far, as the fault says. */
export class FaultyBody extends Transform {
  readonly #fault: Fault;
  #sent = 0;

  constructor(fault: Fault) {
    super();
    this.#fault = fault;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const { bytesPerSecond, cutAfter, stallAfter } = this.#fault;
    const room = (cutAfter ?? stallAfter ?? Number.POSITIVE_INFINITY) - this.#sent;
    const passed = chunk.subarray(0, Math.max(0, room));
    this.#sent += passed.length;
    this.push(passed);

    const atEnd = passed.length < chunk.length;
    if (atEnd && cutAfter !== undefined) {
      // Only once the receiver has what was to come before the cut.
      setTimeout(() => this.destroy(new Error('connection cut')), 50);
    } else if (atEnd) {
      // Never calling back leaves the connection open and silent.
    } else if (bytesPerSecond) {
      void delay((1000 * passed.length) / bytesPerSecond).then(() => done());
    } else {
      done();
    }
  }
}
