import type { DetectorManifest } from '../../crds/detector-manifest.ts';
import type { EpochObservation, Judgement, Observation, Unknown } from '../detectors/contract.ts';
import type {
  DetectorFailure,
  FailureReason,
  Isolation,
  RunningDetector,
} from '../watch/running-detector.ts';
import { JudgementReader } from './judgement-reader.ts';
import type { HostedInstance, ModuleHost } from './module-host.ts';
import { isNeeded, ObservationCopies } from './observation-copy.ts';
import { Restarts } from './restarts.ts';
import type { FromThread } from './thread-messages.ts';

export interface IsolatedDetectorOptions {
  readonly host: ModuleHost;
  readonly module: string;
  readonly manifest: DetectorManifest;
  readonly parameters: Readonly<Record<string, number | boolean | string>>;
  readonly minDuration: number;
  /** Told of the time of each step, in ms. */
  readonly onStep?: (milliseconds: number) => void;
}

/** What may wait for a module on one stream: what a segment brings at once, and no more than is worth judging late. */
const queueLimit = { bytes: 16 * 2 ** 20, seconds: 10, observations: 2000 };
/** These many always may, however large. */
const leastQueue = 4;

/**
 * A module's detector on one stream. Observations go to its thread as copies and never wait for it: what it is too
 * slow for is dropped and counted. What it says is taken with the next observation, under its own times.
 */
export class IsolatedDetector implements RunningDetector, HostedInstance, Isolation {
  readonly isolation: Isolation = this;
  readonly #options: IsolatedDetectorOptions;
  readonly #restarts = new Restarts();
  readonly #copies: ObservationCopies;
  /** The last frame was sent, in this epoch. */
  #follows = false;
  #reader: JudgementReader;
  #attached = false;
  #instance: number | undefined;
  #epoch: EpochObservation | undefined;
  #live = true;
  #newest = 0;
  /** Without an answer yet, oldest first. */
  #open: { readonly time: number; readonly bytes: number }[] = [];
  #openBytes = 0;
  #said: (Judgement | Unknown | DetectorFailure)[] = [];
  #failing = false;
  #dropped = 0;
  #waiters: { readonly open: number; readonly resolve: () => void }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: IsolatedDetectorOptions) {
    this.#options = options;
    this.#reader = new JudgementReader(options.manifest);
    this.#copies = new ObservationCopies(options.manifest.needs);
  }

  step(observation: Observation): readonly (Judgement | Unknown | DetectorFailure)[] {
    if (observation.type === 'epoch') this.#epoch = observation;
    if (!this.#attached) {
      this.#attached = true;
      this.#options.host.attach(this);
      // Its beginning has told the epoch.
      if (observation.type === 'epoch') return this.take();
    }
    const { needs } = this.#options.manifest;
    if (this.#instance !== undefined && isNeeded(observation, needs)) this.#send(observation);
    return this.take();
  }

  beginSession(live: boolean): void {
    this.#live = live;
  }

  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  settled(open: number): Promise<void> | undefined {
    // A thread that is not there answers nothing.
    if (this.#open.length <= open || !this.#options.host.running) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.push({ open, resolve });
    return promise;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#options.host.detach(this);
    this.#stop();
  }

  threadStarted(): void {
    const { host, parameters, minDuration } = this.#options;
    const instance = host.open(this);
    this.#instance = instance;
    this.#restarts.started(Date.now());
    this.#reader = new JudgementReader(this.#options.manifest);
    this.#count(this.#newest, 0);
    host.post({ type: 'create', instance, parameters, minDuration });
    if (this.#epoch) this.#send({ ...this.#epoch, time: Math.max(this.#epoch.time, this.#newest) });
  }

  threadEnded(reason: FailureReason, message: string, pause: number | undefined): void {
    clearTimeout(this.#timer);
    this.#instance = undefined;
    this.#stop();
    this.#fail(reason, message, pause);
  }

  answered(message: Extract<FromThread, { type: 'said' | 'failed' }>): void {
    if (message.instance !== this.#instance) return;
    if (message.type === 'failed') {
      this.#restart(message.reason, message.message);
      return;
    }
    const answered = this.#open.shift();
    this.#openBytes -= answered?.bytes ?? 0;
    if (message.buffer) this.#copies.takeBack(message.buffer);
    this.#options.onStep?.(message.milliseconds);
    try {
      const said = this.#reader.read(message.said, this.#newest);
      if (this.#failing) {
        this.#failing = false;
        this.#said.push({ unknown: undefined });
      }
      this.#said.push(...said);
    } catch (error) {
      this.#restart('output', (error as Error).message);
      return;
    }
    this.#wake();
  }

  #send(observation: Observation): void {
    this.#newest = Math.max(this.#newest, observation.time);
    if (this.#isFull(observation)) {
      this.#dropped++;
      if (observation.type === 'frame') this.#follows = false;
      return;
    }
    const copy = this.#copies.copyOf(observation);
    this.#count(observation.time, copy.bytes);
    const follows = this.#follows;
    if (observation.type === 'frame') this.#follows = true;
    else if (observation.type === 'epoch') this.#follows = false;
    this.#options.host.post(
      { type: 'step', instance: this.#instance!, observation: copy.observation, follows },
      copy.transfer,
    );
  }

  #isFull({ type, time }: Observation): boolean {
    if (!this.#live || type === 'epoch' || type === 'end' || this.#open.length < leastQueue) return false;
    const { bytes, seconds, observations } = queueLimit;
    return (
      this.#openBytes > bytes || this.#open.length > observations || time - this.#open[0]!.time > seconds
    );
  }

  #count(time: number, bytes: number): void {
    this.#open.push({ time, bytes });
    this.#openBytes += bytes;
  }

  /** This detector alone begins anew; others of the module are not at fault. */
  #restart(reason: FailureReason, message: string): void {
    this.#stop();
    const pause = this.#restarts.failed(Date.now());
    this.#fail(reason, message, pause);
    if (pause === undefined) return;
    this.#timer = setTimeout(() => {
      // Where the thread itself is over meanwhile, its next start begins this detector as well.
      if (this.#options.host.running) this.threadStarted();
    }, pause * 1000).unref();
  }

  #fail(reason: FailureReason, message: string, pause: number | undefined): void {
    const then =
      pause === undefined
        ? 'it stays stopped until the module or its settings change'
        : `it is started again in ${pause} s`;
    const text = message.replaceAll(/\s+/g, ' ').slice(0, 200);
    this.#failing = true;
    this.#said.push({ failed: reason, message: `module ${this.#options.module} failed: ${text}; ${then}` });
  }

  #stop(): void {
    if (this.#instance !== undefined) this.#options.host.release(this.#instance);
    this.#instance = undefined;
    this.#open = [];
    this.#openBytes = 0;
    this.#wake();
  }

  take(): readonly (Judgement | Unknown | DetectorFailure)[] {
    if (this.#said.length === 0) return this.#said;
    const said = this.#said;
    this.#said = [];
    return said;
  }

  #wake(): void {
    if (this.#waiters.length === 0) return;
    const due = this.#waiters.filter(({ open }) => this.#open.length <= open);
    this.#waiters = this.#waiters.filter(({ open }) => this.#open.length > open);
    for (const { resolve } of due) resolve();
  }
}
