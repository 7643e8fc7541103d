import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { BackOff } from './back-off.ts';
import type { KubeClient } from './kube-client.ts';
import { KubeError } from './kube-error.ts';
import { type Change, ObjectCache } from './object-cache.ts';
import { type ReflectorOptions, withoutBookkeeping } from './reflector-options.ts';
import { type ReconnectCause, ReflectorStats } from './reflector-stats.ts';
import { type KubeObject, objectKey, type Resource } from './resource.ts';
import { isOlder, later } from './resource-version.ts';

export { type ReflectorOptions, withoutBookkeeping } from './reflector-options.ts';

/** A watch that lasted so long was sound: what fails after it is a new failure. ms */
const soundAfter = 10_000;
/** So many lists in a row that are older than what was seen, and the server has gone back for good. */
const believedStaleLists = 8;
/** So many refusals of a watch in a row, and its version is given up. */
const believedRefusals = 5;

/**
 * Keeps a copy of all objects of a kind, and tells each change once, through every failure of server and network. The
 * objects are shared: who changes one copies it first.
 */
export class Reflector<T extends KubeObject> {
  /** Resolves when the first list is in the copy; rejects when stopped before. */
  readonly synced: Promise<void>;
  readonly stats = new ReflectorStats();
  readonly #client: KubeClient;
  readonly #resource: Resource;
  readonly #options: ReflectorOptions<T>;
  readonly #cache = new ObjectCache<T>();
  readonly #backOff: BackOff;
  readonly #stopping = new AbortController();
  readonly #settleSynced: { resolve: () => void; reject: (error: Error) => void };
  #running: Promise<void> | undefined;
  #isSynced = false;
  /** The last version that was told; a watch goes on from it. */
  #seen: string | undefined;
  #mustList = true;
  /** Whether a further page was refused: a list in one piece cannot expire. */
  #inOnePiece = false;
  #staleLists = 0;
  #nextList = 0;
  #heardAt = performance.now();

  constructor(client: KubeClient, resource: Resource, options: ReflectorOptions<T>) {
    this.#client = client;
    this.#resource = resource;
    this.#options = options;
    const { initial, maximum } = options.backOff ?? { initial: 500, maximum: 30_000 };
    this.#backOff = new BackOff(initial, maximum);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.synced = promise;
    this.#settleSynced = { resolve, reject };
    // To be stopped early is no fault where nobody waits for it.
    promise.catch(() => {});
  }

  /** Begins; a second call does nothing. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the watch; no change is told after it. The copy stays as it is. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#settleSynced.reject(
      new Error(`the reflector of ${this.#resource.plural} was stopped before its first list`),
    );
    await this.#running;
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  get(namespace: string | undefined, name: string): T | undefined {
    return this.#cache.get(objectKey(namespace, name));
  }

  /** @param namespace all namespaces when left out */
  list(namespace?: string): T[] {
    return this.#cache.values(namespace);
  }

  /** Seconds since the server was last heard, be it by a bookmark. */
  get lastEventAge(): number {
    return (performance.now() - this.#heardAt) / 1000;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        if (this.#isListDue()) await this.#list();
        await this.#watch();
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        await this.#recover(error);
      }
    }
  }

  #isListDue(): boolean {
    if (!this.#mustList && performance.now() >= this.#nextList) {
      this.#mustList = true;
      this.stats.relists.periodic++;
    }
    return this.#mustList;
  }

  async #list(): Promise<void> {
    const { namespace, labelSelector, fieldSelector, pageSize = 500 } = this.#options;
    const limit = this.#inOnePiece ? undefined : pageSize;
    const keys = new Set<string>();
    let version: string | undefined;
    let next: string | undefined;
    do {
      const page = await this.#client.list<T>(this.#resource, {
        namespace,
        labelSelector,
        fieldSelector,
        limit,
        continue: next,
        signal: this.#stopping.signal,
      });
      if (version === undefined) this.#verifyAge(page.resourceVersion);
      version = page.resourceVersion;
      for (const item of page.items) {
        keys.add(objectKey(item.metadata.namespace, item.metadata.name));
        this.#tell(this.#cache.put(this.#kept(item)));
      }
      next = page.continue;
      this.#heardAt = performance.now();
      await setImmediate();
    } while (next !== undefined && !this.#stopping.signal.aborted);
    if (this.#stopping.signal.aborted) return;
    this.#tell(this.#cache.retain(keys, version));
    this.#takeOver(version);
  }

  /** @throws KubeError when the list is older than what was seen: to believe it would delete what is newer */
  #verifyAge(version: string): void {
    if (!isOlder(version, this.#seen)) {
      this.#staleLists = 0;
      return;
    }
    if (++this.#staleLists < believedStaleLists) {
      throw new KubeError('Server', `list ${this.#resource.plural}: older than what was seen`, {
        reason: staleList,
      });
    }
    this.#options.logger.warn(
      { resource: this.#resource.plural, lists: this.#staleLists },
      'the API server has gone back to an older state for good: taken over',
    );
    this.#staleLists = 0;
    this.#seen = undefined;
    this.#cache.restart();
  }

  #takeOver(version: string): void {
    const { relistEvery = 600_000 } = this.#options;
    this.#seen = later(this.#seen, version);
    this.#mustList = false;
    this.#inOnePiece = false;
    // Spread, so that reflectors that started together do not list together for ever.
    this.#nextList = performance.now() + relistEvery * (0.9 + Math.random() * 0.2);
    this.stats.lists++;
    if (this.#isSynced) return;
    this.#isSynced = true;
    this.#settleSynced.resolve();
  }

  async #watch(): Promise<void> {
    const { namespace, labelSelector, fieldSelector, idleTimeout } = this.#options;
    const start = performance.now();
    let heard = false;
    try {
      const events = this.#client.watch<T>(this.#resource, {
        namespace,
        labelSelector,
        fieldSelector,
        idleTimeout,
        resourceVersion: this.#seen!,
        timeout: this.#watchSeconds(),
        signal: this.#stopping.signal,
      });
      for await (const { type, object } of events) {
        heard = true;
        this.#heardAt = performance.now();
        this.#seen = later(this.#seen, object.metadata.resourceVersion!);
        if (type === 'BOOKMARK') continue;
        this.stats.events++;
        this.#tell(type === 'DELETED' ? this.#cache.remove(object) : this.#cache.put(this.#kept(object)));
      }
    } finally {
      if (performance.now() - start >= soundAfter) this.#backOff.reset();
    }
    if (!heard && performance.now() - start < 1000) {
      throw new KubeError('Network', `watch ${this.#resource.plural}: ended at once`, { reason: 'Ended' });
    }
    this.stats.reconnects.ended++;
  }

  /** Between 5 and 10 minutes, so that the watches of many do not end together; never beyond the next list. */
  #watchSeconds(): number {
    const untilList = Math.ceil((this.#nextList - performance.now()) / 1000);
    return Math.max(1, Math.min(untilList, Math.round(300 + Math.random() * 300)));
  }

  #kept(raw: T): T {
    return (this.#options.transform ?? withoutBookkeeping)(raw);
  }

  #tell(changes: readonly Change<T>[]): void {
    for (const change of changes) {
      if (this.#stopping.signal.aborted) return;
      try {
        const outcome: unknown = this.#options.onChange(change);
        // A handler may be an async function after all: nobody else would hear of its failure.
        if (outcome instanceof Promise) outcome.catch((error) => this.#noteHandlerError(change, error));
      } catch (error) {
        this.#noteHandlerError(change, error);
      }
    }
  }

  #noteHandlerError({ key }: Change<T>, error: unknown): void {
    this.stats.handlerErrors++;
    this.#options.logger.error(
      { err: error, resource: this.#resource.plural, key },
      'the handler of a change failed',
    );
  }

  async #recover(error: unknown): Promise<void> {
    const failure = error instanceof KubeError ? error : new KubeError('Server', String(error));
    this.#count(failure);
    const wait = Math.max(this.#backOff.next(), (failure.retryAfter ?? 0) * 1000);
    this.#options.logger.warn(
      {
        resource: this.#resource.plural,
        code: failure.code,
        reason: failure.message,
        retryInSeconds: wait / 1000,
      },
      'lost touch with the API server: trying again',
    );
    await sleep(wait, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }

  #count(failure: KubeError): void {
    const { relists, reconnects } = this.stats;
    if (failure.code === 'Gone') {
      this.#inOnePiece = this.#mustList;
      this.#mustList = true;
      relists.expired++;
    } else if (failure.reason === staleList) {
      this.#mustList = true;
      relists.stale++;
    } else if (this.#mustList) {
      relists.failed++;
    } else {
      const cause = reconnectCause(failure);
      reconnects[cause]++;
      if (cause === 'refused' && this.#backOff.failures >= believedRefusals) this.#mustList = true;
    }
  }
}

const staleList = 'StaleList';

function reconnectCause({ code, reason }: KubeError): ReconnectCause {
  if (reason === 'UND_ERR_BODY_TIMEOUT' || reason === 'UND_ERR_HEADERS_TIMEOUT') return 'idle';
  if (code === 'Network' || reason === 'UND_ERR_CONNECT_TIMEOUT' || reason === 'ETIMEDOUT') return 'network';
  return code === 'Throttled' ? 'throttled' : 'refused';
}
