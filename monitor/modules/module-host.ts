import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { DetectorManifest } from '../../crds/detector-manifest.ts';
import { parseModuleManifest } from '../../crds/module-manifest.ts';
import type { FailureReason } from '../watch/running-detector.ts';
import type { ModuleFolder } from './module-folder.ts';
import { ModuleWorker } from './module-worker.ts';
import { Restarts } from './restarts.ts';
import type { FromThread, ToThread } from './thread-messages.ts';

/** One detector on one stream, as its host sees it. */
export interface HostedInstance {
  /** The thread is there: the instance is to be created in it. */
  threadStarted(): void;
  /** The thread is over. `pause`: seconds until another is started; absent when none is. */
  threadEnded(reason: FailureReason, message: string, pause: number | undefined): void;
  answered(message: Extract<FromThread, { type: 'said' | 'failed' }>): void;
}

/** What became of the module's import. */
export type LoadOutcome = { readonly manifest: DetectorManifest } | { readonly problem: string };

/** Why no thread runs; `until`: when another is started, in ms since 1970; absent when none is. */
interface Stop {
  readonly reason: FailureReason;
  readonly message: string;
  readonly until: number | undefined;
}

/** One module of this process: its thread, which is started again when it fails, and all who use it. */
export class ModuleHost {
  readonly #name: string;
  readonly #folder: ModuleFolder;
  readonly #logger: Logger;
  readonly #restarts = new Restarts();
  readonly #users = new Set<HostedInstance>();
  readonly #instances = new Map<number, HostedInstance>();
  readonly #loaded = Promise.withResolvers<void>();
  #worker: ModuleWorker | undefined;
  #running = false;
  #stop: Stop | undefined;
  #outcome: LoadOutcome | undefined;
  #timer: NodeJS.Timeout | undefined;
  #nextInstance = 1;

  constructor(name: string, folder: ModuleFolder, logger: Logger) {
    this.#name = name;
    this.#folder = folder;
    this.#logger = logger.child({ module: name });
  }

  /** What became of the first import; absent while it lasts. */
  get outcome(): LoadOutcome | undefined {
    return this.#outcome;
  }

  /** Resolves when there is an outcome. */
  get loaded(): Promise<void> {
    return this.#loaded.promise;
  }

  get running(): boolean {
    return this.#running;
  }

  start(): void {
    try {
      const location = this.#folder.locate();
      this.#restarts.started(Date.now());
      const worker: ModuleWorker = new ModuleWorker({
        module: this.#name,
        location,
        logger: this.#logger,
        onMessage: (message) => this.#receive(message),
        onEnd: (reason, message) => this.#ended(reason, message),
      });
      this.#worker = worker;
    } catch (error) {
      this.#refuse((error as Error).message);
    }
  }

  attach(user: HostedInstance): void {
    this.#users.add(user);
    if (this.#running) user.threadStarted();
    else if (this.#stop) {
      const { reason, message, until } = this.#stop;
      const pause = until && Math.max(0, Math.ceil((until - Date.now()) / 1000));
      user.threadEnded(reason, message, pause);
    }
  }

  detach(user: HostedInstance): void {
    this.#users.delete(user);
  }

  /** A number for a new instance of a user; the one that it had before says nothing any more. */
  open(user: HostedInstance): number {
    const instance = this.#nextInstance++;
    this.#instances.set(instance, user);
    return instance;
  }

  release(instance: number): void {
    this.#instances.delete(instance);
    if (this.#running) this.#worker!.post({ type: 'destroy', instance });
  }

  post(message: ToThread, transfer?: readonly ArrayBuffer[]): void {
    this.#worker!.post(message, transfer);
  }

  /** CPU of the thread of the moment, in seconds. */
  async cpuSeconds(): Promise<number> {
    return this.#running ? this.#worker!.cpuSeconds() : 0;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#running = false;
    await this.#worker?.close();
  }

  #receive(message: FromThread): void {
    switch (message.type) {
      case 'loaded':
        this.#load(message.manifest);
        break;
      case 'not-loaded':
        this.#refuse(message.message);
        break;
      default:
        this.#instances.get(message.instance)?.answered(message);
    }
  }

  #load(manifest: unknown): void {
    try {
      const outcome = { manifest: parseModuleManifest(manifest) };
      if (this.#outcome && !isDeepStrictEqual(this.#outcome, outcome)) {
        throw new Error('its manifest is another than it was before');
      }
      this.#running = true;
      this.#stop = undefined;
      this.#settle(outcome);
      for (const user of this.#users) user.threadStarted();
    } catch (error) {
      this.#refuse((error as Error).message.replaceAll('\n', '; '));
    }
  }

  /** Another import would end alike: it is left until a file of the module changes. */
  #refuse(message: string): void {
    void this.close();
    this.#settle({ problem: message.slice(0, 500) });
    this.#tellEnd('load', message, undefined);
  }

  #settle(outcome: LoadOutcome): void {
    if (this.#outcome) return;
    this.#outcome = outcome;
    if ('problem' in outcome) this.#logger.error({ reason: outcome.problem }, 'module cannot be loaded');
    this.#loaded.resolve();
  }

  #ended(reason: FailureReason, message: string): void {
    if (!this.#running && !this.#outcome) {
      this.#refuse(message);
      return;
    }
    this.#running = false;
    this.#instances.clear();
    const pause = this.#restarts.failed(Date.now());
    this.#logger.error({ reason, message, pause }, 'module stopped');
    this.#tellEnd(reason, message, pause);
    if (pause !== undefined) this.#timer = setTimeout(() => this.start(), pause * 1000).unref();
  }

  #tellEnd(reason: FailureReason, message: string, pause: number | undefined): void {
    this.#stop = { reason, message, until: pause === undefined ? undefined : Date.now() + pause * 1000 };
    for (const user of this.#users) user.threadEnded(reason, message, pause);
  }
}
