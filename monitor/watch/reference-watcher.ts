import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { StreamPhase } from '../../crds/stream-state.ts';
import { defineDetector, type Observation } from '../detectors/contract.ts';
import type { IngressListener } from '../ingress/ingress.ts';
import { Comparison } from '../reference/comparison.ts';
import { furthestLag } from '../reference/track-alignment.ts';
import { faultPauseMilliseconds } from './back-off.ts';
import type { ActiveDetector } from './detector-selection.ts';
import type { SessionSource } from './session-source.ts';
import { type Companion, StreamWatcher, type WatcherOptions } from './stream-watcher.ts';
import type { WatchEvent } from './watch-event.ts';

/** Another reading of a stream's programme. */
export interface ReferenceSource {
  /** Opens it; called again for every attempt. */
  readonly open: (listener: IngressListener) => Promise<SessionSource>;
  /** Try for ever, whatever happens; otherwise only a live one that could be watched once is opened again. */
  readonly persistent: boolean;
}

/** A finite reference is between these ahead of a finite stream, in seconds. */
const leastAhead = furthestLag - 2;
const mostAhead = furthestLag;

/** A watcher of a stream, which is compared with its reference where it has one. */
export function createStreamWatcher(
  options: WatcherOptions,
  reference: ReferenceSource | undefined,
): StreamWatcher {
  if (!reference) return new StreamWatcher(options);
  const comparison = new Comparison();
  // Of two files, the reference is read ahead as far as it may have to be compared, and no further.
  const keepAbreast = () => {
    companion.keepTo(stream.time);
    stream.hold(stream.finite && companion.time < stream.time + leastAhead);
  };
  const companion = new ReferenceWatcher(options, reference, comparison, keepAbreast);
  const stream: StreamWatcher = new StreamWatcher({ ...options, comparison, companion });
  return stream;
}

/**
 * Watches a stream's reference, as any stream is watched, for its fingerprints alone. Whatever happens to it is told
 * to the comparison and nobody else: the stream goes on.
 */
export class ReferenceWatcher implements Companion {
  readonly #create: () => StreamWatcher;
  readonly #persistent: boolean;
  readonly #pauseMilliseconds: number;
  readonly #stopping = new AbortController();
  readonly #comparison: Comparison;
  readonly #logger: Logger;
  readonly #keepAbreast: () => void;
  #watcher: StreamWatcher;
  #done: Promise<void> = Promise.resolve();
  #phase: StreamPhase = 'Starting';
  #cpuSeconds = 0;

  constructor(
    { identity, clock, pipeDirectory, logger }: WatcherOptions,
    { open, persistent }: ReferenceSource,
    comparison: Comparison,
    keepAbreast: () => void,
    pauseMilliseconds: number = faultPauseMilliseconds,
  ) {
    this.#pauseMilliseconds = pauseMilliseconds;
    this.#comparison = comparison;
    this.#keepAbreast = keepAbreast;
    this.#logger = logger.child({ source: 'reference' });
    this.#persistent = persistent;
    this.#create = () =>
      new StreamWatcher({
        identity,
        open,
        persistent,
        clock,
        pipeDirectory,
        logger: this.#logger,
        detectors: [this.#tap()],
        wants: { video: 'reduced', audio: true, preview: false },
        pictures: false,
        newId: () => '',
        emit: (event) => this.#heard(event),
      });
    this.#watcher = this.#create();
  }

  /** Media seconds that it has been read to; infinite while there is nothing to wait for. */
  get time(): number {
    const toCome = this.#phase === 'Starting' || (this.#phase === 'Up' && this.#watcher.finite);
    return toCome ? this.#watcher.time : Number.POSITIVE_INFINITY;
  }

  start(): void {
    this.#done = this.#watch();
  }

  streamAdvanced(): void {
    this.#keepAbreast();
  }

  takeCpuSeconds(): number {
    const used = this.#cpuSeconds;
    this.#cpuSeconds = 0;
    return used;
  }

  /** A finite reference is not read further ahead of the stream than it can be compared. */
  keepTo(streamTime: number): void {
    this.#watcher.hold(this.#watcher.finite && this.#watcher.time > streamTime + mostAhead);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#watcher.stop();
    await this.#done;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#watcher.watch();
        return;
      } catch (error) {
        this.#logger.error({ err: error }, 'watching the reference failed');
        this.#comparison.available('watching it failed');
        this.#phase = 'Down';
        this.#keepAbreast();
        if (!this.#persistent) return;
        await sleep(this.#pauseMilliseconds, undefined, { signal }).catch(() => {});
        if (!signal.aborted) this.#watcher = this.#create();
      }
    }
  }

  #tap(): ActiveDetector {
    const definition = defineDetector({
      manifest: {
        type: 'fingerprints',
        title: 'Fingerprints',
        description: 'Takes the fingerprints of a reference.',
        kinds: {},
        needs: ['reduced', 'audio'],
        cost: { fixed: 0, perMegapixel: 0 },
        defaults: { enabled: true, severity: 'info', minDuration: '0s' },
        thresholds: { enter: 1, exit: 1 },
        parameters: {},
      },
      create: () => ({
        step: (observation) => {
          this.#take(observation);
          return [];
        },
      }),
    });
    const settings = {
      enabled: true,
      severity: 'info',
      minDuration: 0,
      mergeGap: 0,
      parameters: {},
    } as const;
    return { definition, settings };
  }

  #take(observation: Observation): void {
    const { reference } = this.#comparison;
    if (observation.type === 'epoch') this.#comparison.begin('reference');
    else if (observation.type === 'frame') reference.frame(observation.time, observation.reduced);
    else if (observation.type === 'audio') reference.audio(observation);
    else if (observation.type === 'clock') reference.advance(observation.time);
    this.#keepAbreast();
  }

  #heard(event: WatchEvent): void {
    if (event.type === 'seconds') this.#cpuSeconds += event.seconds.cpu;
    if (event.type !== 'state') return;
    const { phase, message } = event.state;
    this.#phase = phase;
    // What a finite reference gave until its end can still be compared.
    if (phase !== 'Ended') this.#comparison.available(phase === 'Up' ? undefined : message);
    this.#keepAbreast();
  }
}
