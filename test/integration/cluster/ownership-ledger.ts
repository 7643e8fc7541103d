import { type Assignment, parseAssignment } from '../../../crds/assignment.ts';
import type { ApiConnection } from './api-connection.ts';
import { type ClusterObject, ObjectWatch } from './object-watch.ts';

interface AssignmentConfigMap extends ClusterObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** A detector of a stream that two shards were told to speak for at once. */
export interface DoubleOwner {
  /** `namespace/monitor/stream/detector`. */
  readonly what: string;
  readonly shards: readonly string[];
  /** Version of the write that made it so. */
  readonly resourceVersion: string;
}

interface StreamRecord {
  /** The last ones that it had. */
  owners: ReadonlySet<string>;
  /** Since when nobody owns it, ms of the monotonic clock. */
  unownedSince: number | undefined;
  /** ms without an owner, up to the last time that it got one. */
  unowned: number;
  moves: number;
}

/** Starts to write down who owns what in a namespace, by every assignment that is written there. */
export async function startOwnershipLedger(api: ApiConnection, namespace: string): Promise<OwnershipLedger> {
  const ledger = new OwnershipLedger(api, namespace);
  await ledger.start();
  return ledger;
}

/**
 * Who was told to own which stream, from the assignments in the order in which the API server took them: a write
 * that makes two owners is caught however soon the next one mends it. While the API server is away it sees nothing.
 */
export class OwnershipLedger {
  readonly doubles: DoubleOwner[] = [];
  readonly #watch: ObjectWatch<AssignmentConfigMap>;
  readonly #assignments = new Map<string, Assignment>();
  readonly #streams = new Map<string, StreamRecord>();
  #writes = 0;

  /** Use `startOwnershipLedger`. */
  constructor(api: ApiConnection, namespace: string) {
    const managed = 'labelSelector=app.kubernetes.io%2Fmanaged-by%3Dstreammonitor';
    this.#watch = new ObjectWatch<AssignmentConfigMap>(
      api,
      `/api/v1/namespaces/${namespace}/configmaps`,
      managed,
      (configMap, gone) => this.#take(configMap, gone),
    );
  }

  start(): Promise<void> {
    return this.#watch.start();
  }

  stop(): Promise<void> {
    return this.#watch.stop();
  }

  /** Assignments as they are now. */
  get assignments(): readonly Assignment[] {
    return [...this.#assignments.values()];
  }

  /** Assignments that were written or deleted since the start. */
  get writes(): number {
    return this.#writes;
  }

  /** How often a stream went to another shard; to be there for the first time is no move. */
  get moves(): number {
    return [...this.#streams.values()].reduce((sum, { moves }) => sum + moves, 0);
  }

  /** Streams that have an owner now, as `namespace/monitor/stream`. */
  get owned(): readonly string[] {
    return [...this.#streams]
      .flatMap(([key, { unownedSince }]) => (unownedSince === undefined ? [key] : []))
      .sort();
  }

  /** Longest that a stream which had an owner had none, in ms; those without one now included. */
  get longestUnowned(): number {
    const now = performance.now();
    const times = [...this.#streams.values()].map(
      // In this order: a large `now` that is added and taken off again rounds, each time otherwise.
      ({ unowned, unownedSince = now }) => unowned + (now - unownedSince),
    );
    return Math.max(0, ...times);
  }

  /** The streams of a StreamMonitor (`namespace/name`) have gone for good, which is no loss. */
  forget(monitor: string): void {
    for (const key of this.#streams.keys()) if (key.startsWith(`${monitor}/`)) this.#streams.delete(key);
  }

  #take({ metadata, data }: AssignmentConfigMap, gone: boolean): void {
    this.#writes += 1;
    if (gone) this.#assignments.delete(metadata.name);
    else this.#assignments.set(metadata.name, parseAssignment(JSON.parse(data?.['assignment.json'] ?? '{}')));
    const { streams, detectors } = this.#owners();
    for (const [what, shards] of detectors) {
      if (shards.size > 1) {
        this.doubles.push({ what, shards: [...shards], resourceVersion: metadata.resourceVersion });
      }
    }
    this.#keepBooks(streams);
  }

  /** By stream, and by each of its detectors: parts of a stream may be on several shards, no detector may. */
  #owners(): { streams: Map<string, Set<string>>; detectors: Map<string, Set<string>> } {
    const streams = new Map<string, Set<string>>();
    const detectors = new Map<string, Set<string>>();
    const note = (map: Map<string, Set<string>>, key: string, shard: string) =>
      map.set(key, (map.get(key) ?? new Set()).add(shard));
    for (const [shard, assignment] of this.#assignments) {
      for (const stream of assignment.streams) {
        if (stream.role !== 'owner') continue;
        const key = `${stream.monitor}/${stream.name}`;
        note(streams, key, shard);
        for (const detector of stream.detectors) note(detectors, `${key}/${detector}`, shard);
      }
    }
    return { streams, detectors };
  }

  #keepBooks(owned: ReadonlyMap<string, ReadonlySet<string>>): void {
    const now = performance.now();
    for (const [key, owners] of owned) {
      const record = this.#streams.get(key);
      if (!record) {
        this.#streams.set(key, { owners, unownedSince: undefined, unowned: 0, moves: 0 });
        continue;
      }
      record.unowned += now - (record.unownedSince ?? now);
      record.unownedSince = undefined;
      if (![...owners].some((shard) => record.owners.has(shard))) record.moves += 1;
      record.owners = owners;
    }
    for (const [key, record] of this.#streams) if (!owned.has(key)) record.unownedSince ??= now;
  }
}
