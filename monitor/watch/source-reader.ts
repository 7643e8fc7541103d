import { setTimeout as sleep } from 'node:timers/promises';
import { IngressError } from '../ingress/ingress.ts';
import type { MediaSession, SessionSource } from './session-source.ts';

/** Opens a stream's source again and again, and reads its sessions; whatever is pending ends with the watching. */
export class SourceReader {
  readonly #openSource: () => Promise<SessionSource>;
  readonly #stopping: AbortSignal;
  readonly #now: () => number;
  #source: SessionSource | undefined;
  #waitingSince: number | undefined;

  /** `now`: in ms. */
  constructor(openSource: () => Promise<SessionSource>, stopping: AbortSignal, now: () => number) {
    this.#openSource = openSource;
    this.#stopping = stopping;
    this.#now = now;
  }

  /** Seconds for which the open source has been asked for its next session; undefined while it is not. */
  get waited(): number | undefined {
    return this.#waitingSince === undefined ? undefined : (this.#now() - this.#waitingSince) / 1000;
  }

  /**
   * False when the watching ends first; what is opened all the same is closed again.
   * @throws IngressError
   */
  async open(): Promise<boolean> {
    const opening = this.#openSource();
    opening.then(
      (late) => this.#stopping.aborted && late.close(),
      () => {},
    );
    this.#source = await this.#unlessStopped(opening);
    return this.#source !== undefined;
  }

  /**
   * The next session of the open source; none at its end, or when the watching ends.
   * @throws IngressError
   */
  async next(): Promise<MediaSession | undefined> {
    this.#waitingSince = this.#now();
    try {
      return this.#source && (await this.#unlessStopped(this.#source.next()));
    } finally {
      this.#waitingSince = undefined;
    }
  }

  /** Why the source ended a session that gave nothing: it saw the bytes, ffmpeg only their absence. */
  async failure(): Promise<IngressError | undefined> {
    try {
      await Promise.race([this.#source?.next(), sleep(500)]);
      return undefined;
    } catch (error) {
      if (error instanceof IngressError) return error;
      throw error;
    }
  }

  /** Lets go of the source; it may be opened again. */
  close(): void {
    this.#source?.close();
    this.#source = undefined;
  }

  /** Time-outs of the network are no reason to stop late. */
  #unlessStopped<T>(pending: Promise<T>): Promise<T | undefined> {
    const signal = this.#stopping;
    return new Promise((resolve, reject) => {
      const stop = () => resolve(undefined);
      signal.addEventListener('abort', stop, { once: true });
      pending.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
      if (signal.aborted) stop();
    });
  }
}
