import { setTimeout as sleep } from 'node:timers/promises';
import type { Observation } from '../detectors/contract.ts';
import type { ActiveDetector } from './detector-selection.ts';
import type { Isolation, RunningDetector } from './running-detector.ts';

type Said = ReturnType<RunningDetector['step']>[number];

/** Observations of a finite source that may be without a detector's answer before more are read. */
const paceObservations = 8;
/** Longest that the answers to a stream's last observations are waited for, in seconds. */
const longestAnswer = 5;

/** The detectors of one stream: those of this thread, and those that answer later from one of their own. */
export class RunningDetectors {
  readonly #detectors: readonly { readonly type: string; readonly detector: RunningDetector }[];
  readonly #hear: (type: string, said: Said) => void;
  #live = true;
  #ended = false;

  /** `hear`: told of all that a detector says. */
  constructor(
    detectors: readonly Pick<ActiveDetector, 'definition' | 'settings'>[],
    hear: (type: string, said: Said) => void,
  ) {
    this.#detectors = detectors.map(({ definition, settings }) => ({
      type: definition.manifest.type,
      detector: definition.create(settings.parameters, settings),
    }));
    this.#hear = hear;
  }

  step(observation: Observation): void {
    for (const { type, detector } of this.#detectors) {
      for (const said of detector.step(observation)) this.#hear(type, said);
    }
  }

  /** The stream is over at a media time; of no effect when repeated. */
  end(time: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.step({ type: 'end', time });
  }

  beginSession(live: boolean): void {
    this.#live = live;
    for (const isolation of this.#isolated()) isolation.beginSession(live);
  }

  /** Resolves when all are nearly up with a finite source; `undefined` when they are, and for live ones. */
  pace(): Promise<unknown> | undefined {
    return this.#live ? undefined : this.#settled(paceObservations);
  }

  /** Hears all that is still to come, for a bounded time. */
  async settle(): Promise<void> {
    const patience = new AbortController();
    const limit = sleep(longestAnswer * 1000, undefined, { signal: patience.signal }).catch(() => {});
    await Promise.race([this.#settled(0), limit]);
    patience.abort();
    for (const { type, detector } of this.#detectors) {
      for (const said of detector.isolation?.take() ?? []) this.#hear(type, said);
    }
  }

  /** Observations that each was too slow for since the last call. */
  takeDropped(): { readonly detector: string; readonly observations: number }[] {
    return this.#detectors.flatMap(({ type, detector: { isolation } }) => {
      const observations = isolation?.takeDropped() ?? 0;
      return observations > 0 ? [{ detector: type, observations }] : [];
    });
  }

  /** Lets go of other threads. */
  close(): void {
    for (const isolation of this.#isolated()) isolation.close();
  }

  #settled(open: number): Promise<unknown> | undefined {
    const behind = this.#isolated().flatMap((isolation) => isolation.settled(open) ?? []);
    return behind.length > 0 ? Promise.all(behind) : undefined;
  }

  #isolated(): Isolation[] {
    return this.#detectors.flatMap(({ detector }) => detector.isolation ?? []);
  }
}
