import { type KubeObject, objectKey } from './resource.ts';
import { isOlder } from './resource-version.ts';

/** What happened to one object: added without `previous`, deleted without `object`, updated with both. */
export interface Change<T> {
  /** `namespace/name`, or the name where there is no namespace. */
  readonly key: string;
  readonly object?: T;
  readonly previous?: T;
}

/** How many deletions are remembered, to know what comes after them out of order. */
const rememberedDeletions = 1000;

/**
 * The objects of a kind as far as they were told, whatever order they were told in: an older version never follows a
 * newer one, and what was deleted does not come back with what was said before its deletion.
 */
export class ObjectCache<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  /** The same by namespace and key: one of a thousand namespaces is listed without a look at the others. */
  readonly #byNamespace = new Map<string, Map<string, T>>();
  /** Version at which an object was gone, by uid. */
  readonly #deletions = new Map<string, string>();
  /** Keys of objects whose versions were given by a server that has started over. */
  readonly #incomparable = new Set<string>();

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  values(namespace?: string): T[] {
    const objects = namespace === undefined ? this.#objects : this.#byNamespace.get(namespace);
    return [...(objects?.values() ?? [])];
  }

  /** Takes in an object that exists. One that replaced another of its name is a deletion and an addition. */
  put(object: T): Change<T>[] {
    const { namespace, name, uid = '', resourceVersion } = object.metadata;
    const deletedAt = this.#deletions.get(uid);
    if (deletedAt !== undefined && !isOlder(deletedAt, resourceVersion)) return [];
    const key = objectKey(namespace, name);
    const previous = this.#objects.get(key);
    if (previous === undefined) {
      this.#keep(key, object);
      return [{ key, object }];
    }
    const { metadata } = previous;
    if (resourceVersion === metadata.resourceVersion) return [];
    if (!this.#incomparable.delete(key) && isOlder(resourceVersion, metadata.resourceVersion)) return [];
    this.#keep(key, object);
    if (metadata.uid === uid) return [{ key, object, previous }];
    this.#bury(metadata.uid, resourceVersion);
    return [
      { key, previous },
      { key, object },
    ];
  }

  /** Takes in that an object is gone; its version is that of the deletion. */
  remove({ metadata: { namespace, name, uid, resourceVersion } }: KubeObject): Change<T>[] {
    this.#bury(uid, resourceVersion);
    const key = objectKey(namespace, name);
    const previous = this.#objects.get(key);
    if (previous === undefined || previous.metadata.uid !== uid) return [];
    this.#forget(key);
    return [{ key, previous }];
  }

  /** Takes in that a list of that version has no other objects than these. */
  retain(keys: ReadonlySet<string>, resourceVersion: string): Change<T>[] {
    const changes: Change<T>[] = [];
    for (const [key, previous] of this.#objects) {
      if (keys.has(key)) continue;
      this.#bury(previous.metadata.uid, resourceVersion);
      this.#forget(key);
      changes.push({ key, previous });
    }
    return changes;
  }

  /**
   * Lets versions start over, as those of a server that was restored from a backup do: whatever is told next counts.
   */
  restart(): void {
    this.#deletions.clear();
    for (const key of this.#objects.keys()) this.#incomparable.add(key);
  }

  #keep(key: string, object: T): void {
    this.#objects.set(key, object);
    const { namespace } = object.metadata;
    if (namespace === undefined) return;
    const siblings = this.#byNamespace.get(namespace) ?? new Map<string, T>();
    this.#byNamespace.set(namespace, siblings.set(key, object));
  }

  #forget(key: string): void {
    const namespace = this.#objects.get(key)?.metadata.namespace;
    const siblings = namespace === undefined ? undefined : this.#byNamespace.get(namespace);
    siblings?.delete(key);
    if (namespace !== undefined && siblings?.size === 0) this.#byNamespace.delete(namespace);
    this.#objects.delete(key);
    this.#incomparable.delete(key);
  }

  #bury(uid: string | undefined, resourceVersion: string | undefined): void {
    if (uid === undefined || resourceVersion === undefined) return;
    this.#deletions.set(uid, resourceVersion);
    if (this.#deletions.size <= rememberedDeletions) return;
    const [oldest] = this.#deletions.keys();
    this.#deletions.delete(oldest!);
  }
}
