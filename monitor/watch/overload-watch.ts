/** How a live stream stands between its source and what is judged of it. */
export interface Flow {
  /** Seconds of media that were judged so far. */
  readonly media: number;
  /** Whether more has arrived and the decoder takes nothing of it, or nobody is there to take it. */
  readonly waits: boolean;
}

/** Seconds for which more must wait all the time: a segment that comes at once is taken sooner. */
const patience = 10;
/** Of the time that passes, what of media must be judged in it for a stream to be kept up with. */
const enough = 0.97;

/**
 * Tells a live stream that is judged more slowly than it comes from one that comes slowly: its bytes are there, and
 * wait. Whatever takes the time, decoder, detectors or a process that gets no CPU, the decoder then takes nothing.
 */
export class OverloadWatch {
  #since: { readonly at: number; readonly media: number } | undefined;

  /** Seconds of media that should have been judged by `now` (ms) and were not; 0 when it keeps up. To be asked often. */
  observe({ media, waits }: Flow, now: number): number {
    if (!waits) {
      this.#since = undefined;
      return 0;
    }
    this.#since ??= { at: now, media };
    const passed = (now - this.#since.at) / 1000;
    const judged = media - this.#since.media;
    return passed >= patience && judged < enough * passed ? passed - judged : 0;
  }
}
