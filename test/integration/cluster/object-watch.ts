import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiConnection } from './api-connection.ts';

/** What every object of a cluster has. */
export interface ClusterObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T;
}

/**
 * Keeps a test informed of the objects at a path of the API, through restarts of the API server. Independent of the
 * client that is tested.
 */
export class ObjectWatch<T extends ClusterObject> {
  readonly #api: ApiConnection;
  readonly #path: string;
  readonly #query: string;
  readonly #onChange: (object: T, gone: boolean) => void;
  readonly #stopping = new AbortController();
  readonly #objects = new Map<string, T>();
  #running: Promise<void> | undefined;

  /** @param query selectors, as `labelSelector=a=b`; percent-encoded where needed */
  constructor(api: ApiConnection, path: string, query: string, onChange: (object: T, gone: boolean) => void) {
    this.#api = api;
    this.#path = path;
    this.#query = query;
    this.#onChange = onChange;
  }

  /** Resolves when what was there has been told. */
  async start(): Promise<void> {
    const version = await this.#list();
    this.#running = this.#follow(version);
  }

  get(namespace: string, name: string): T | undefined {
    return this.#objects.get(`${namespace}/${name}`);
  }

  get objects(): readonly T[] {
    return [...this.#objects.values()];
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #follow(from: string): Promise<void> {
    let version: string | undefined = from;
    while (!this.#stopping.signal.aborted) {
      try {
        version ??= await this.#list();
        version = await this.#watch(version);
      } catch {
        version = undefined;
        await sleep(200, undefined, { signal: this.#stopping.signal }).catch(() => {});
      }
    }
  }

  async #list(): Promise<string> {
    const { items, metadata } = await this.#api.json<{ items: T[]; metadata: { resourceVersion: string } }>(
      'GET',
      `${this.#path}?${this.#query}`,
    );
    const present = new Set(items.map(keyOf));
    for (const [key, object] of this.#objects) {
      if (!present.has(key)) this.#tell(object, true);
    }
    for (const object of items) {
      const known = this.#objects.get(keyOf(object));
      if (known && known.metadata.uid !== object.metadata.uid) this.#tell(known, true);
      if (known?.metadata.resourceVersion !== object.metadata.resourceVersion) this.#tell(object, false);
    }
    return metadata.resourceVersion;
  }

  /** @returns the version from which the next watch goes on; `undefined` when a list is needed */
  async #watch(from: string): Promise<string | undefined> {
    let version = from;
    const path = `${this.#path}?${this.#query}&watch=1&resourceVersion=${from}`;
    for await (const { type, object } of this.#api.watch<WatchEvent<T>>(path, this.#stopping.signal)) {
      if (type === 'ERROR') return undefined;
      version = object.metadata.resourceVersion;
      if (type !== 'BOOKMARK') this.#tell(object, type === 'DELETED');
    }
    return version;
  }

  #tell(object: T, gone: boolean): void {
    if (gone) this.#objects.delete(keyOf(object));
    else this.#objects.set(keyOf(object), object);
    this.#onChange(object, gone);
  }
}

function keyOf({ metadata }: ClusterObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}
