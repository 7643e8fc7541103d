import { type KubeObject, objectKey } from './resource.ts';
import { isOlder } from './resource-version.ts';

/** Objects of one kind, as they were last seen. */
export interface ObjectSource<T extends KubeObject> {
  get(namespace: string | undefined, name: string): T | undefined;
  /** @param namespace all namespaces when left out */
  list(namespace?: string): T[];
}

interface Ahead<T> {
  readonly version: string | undefined;
  /** Absent after a deletion. */
  readonly object?: T;
  readonly uid: string | undefined;
}

/** How many ends are remembered, to know answers that come after them. */
const rememberedEnds = 1000;

/**
 * A reflector's copy with one's own writes in it, before the watch has brought them back: what is decided next never
 * rests on what has just been overwritten.
 */
export class AheadCache<T extends KubeObject> implements ObjectSource<T> {
  readonly #source: ObjectSource<T>;
  readonly #ahead = new Map<string, Ahead<T>>();
  /** By uid: those whose end was told last. */
  readonly #gone = new Set<string>();

  constructor(source: ObjectSource<T>) {
    this.#source = source;
  }

  /** The server's answer to a write. */
  written(object: T): void {
    const { namespace, name, resourceVersion, uid } = object.metadata;
    if (this.#isGone(object)) return;
    this.#ahead.set(objectKey(namespace, name), { version: resourceVersion, object, uid });
  }

  /** The object that was deleted. */
  deleted(object: T): void {
    const { namespace, name, resourceVersion, uid } = object.metadata;
    if (this.#isGone(object)) return;
    this.#ahead.set(objectKey(namespace, name), { version: resourceVersion, uid });
  }

  get(namespace: string | undefined, name: string): T | undefined {
    const key = objectKey(namespace, name);
    const seen = this.#source.get(namespace, name);
    const ahead = this.#ahead.get(key);
    if (!ahead) return seen;
    if (!caughtUp(seen, ahead)) return ahead.object;
    this.#ahead.delete(key);
    return seen;
  }

  list(namespace?: string): T[] {
    const objects = this.#source.list(namespace);
    if (this.#ahead.size === 0) return objects;
    const keys = new Set(objects.map(({ metadata }) => objectKey(metadata.namespace, metadata.name)));
    const own = [...this.#ahead.values()].flatMap(({ object }) => {
      if (!object || (namespace !== undefined && object.metadata.namespace !== namespace)) return [];
      return keys.has(objectKey(object.metadata.namespace, object.metadata.name)) ? [] : [object];
    });
    return [...objects, ...own].flatMap(({ metadata }) => this.get(metadata.namespace, metadata.name) ?? []);
  }

  /** The watch told of an object's end: what was written to it before is gone as well. */
  gone({ metadata: { namespace, name, uid } }: T): void {
    const key = objectKey(namespace, name);
    if (this.#ahead.get(key)?.uid === uid) this.#ahead.delete(key);
    if (uid === undefined) return;
    this.#gone.add(uid);
    if (this.#gone.size <= rememberedEnds) return;
    const [oldest] = this.#gone;
    this.#gone.delete(oldest!);
  }

  /** Whether what the watch tells is no newer than what was written here; to be asked before anything is read. */
  isOwn({ metadata: { namespace, name, resourceVersion, uid } }: T): boolean {
    const ahead = this.#ahead.get(objectKey(namespace, name));
    if (!ahead) return false;
    return ahead.object ? !isOlder(ahead.version, resourceVersion) : ahead.uid === uid;
  }

  /** Whether the end of an object was told before the answer to what was written to it, which is late then. */
  #isGone({ metadata: { namespace, name, uid } }: T): boolean {
    if (uid === undefined || !this.#gone.has(uid)) return false;
    return this.#source.get(namespace, name)?.metadata.uid !== uid;
  }
}

function caughtUp<T extends KubeObject>(seen: T | undefined, { version, object, uid }: Ahead<T>): boolean {
  if (!object) return seen === undefined || seen.metadata.uid !== uid;
  return seen !== undefined && !isOlder(seen.metadata.resourceVersion, version);
}
