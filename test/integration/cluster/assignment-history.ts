import { type Assignment, parseAssignment, type StreamAssignment } from '../../../crds/assignment.ts';
import type { ApiConnection } from './api-connection.ts';
import { type ClusterObject, ObjectWatch } from './object-watch.ts';

interface AssignmentObject extends ClusterObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** Another shard, or none, became the owner of a pair. */
export interface OwnerChange {
  /** When it was seen, in ms since 1970. */
  readonly time: number;
  /** `namespace/monitor/stream detectors`. */
  readonly pair: string;
  /** Absent while no document names one. */
  readonly shard?: string;
}

/** Follows the assignments of the cluster, one written document after the other, and keeps who owned what when. */
export class AssignmentHistory {
  /** Oldest first. */
  readonly changes: OwnerChange[] = [];
  /** Every moment at which two documents named an owner of one pair. */
  readonly conflicts: string[] = [];
  /** Documents that were written, deletions not counted. */
  writes = 0;
  readonly #assignments = new Map<string, Assignment>();
  readonly #owners = new Map<string, string>();
  readonly #watch: ObjectWatch<AssignmentObject>;
  readonly #listeners = new Set<() => void>();

  private constructor(api: ApiConnection) {
    const managed = 'labelSelector=app.kubernetes.io%2Fmanaged-by%3Dstreammonitor';
    this.#watch = new ObjectWatch<AssignmentObject>(api, '/api/v1/configmaps', managed, (object, gone) =>
      this.#follow(object, gone),
    );
  }

  static async start(api: ApiConnection): Promise<AssignmentHistory> {
    const history = new AssignmentHistory(api);
    await history.#watch.start();
    return history;
  }

  /** The documents of a namespace as they are now. */
  assignments(namespace: string): Assignment[] {
    return [...this.#assignments].flatMap(([key, assignment]) =>
      key.startsWith(`${namespace}/`) ? [assignment] : [],
    );
  }

  /** Changes of the pairs of a namespace. */
  changesOf(namespace: string): OwnerChange[] {
    return this.changes.filter(({ pair }) => pair.startsWith(`${namespace}/`));
  }

  /** For how long no document named an owner of a pair that had one before and after, in seconds, by pair. */
  ownerless(namespace: string): Map<string, number[]> {
    const gaps = new Map<string, number[]>();
    const since = new Map<string, number>();
    for (const { time, pair, shard } of this.changesOf(namespace)) {
      const begun = since.get(pair);
      if (shard === undefined) since.set(pair, time);
      else if (begun !== undefined) {
        since.delete(pair);
        gaps.set(pair, [...(gaps.get(pair) ?? []), (time - begun) / 1000]);
      }
    }
    return gaps;
  }

  /** Resolves right after the written document with which something becomes true. */
  when(what: string, isSo: () => boolean, seconds = 30): Promise<void> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        this.#listeners.delete(look);
        reject(new Error(`${what}: not within ${seconds} s`));
      }, seconds * 1000);
      const look = () => {
        if (!isSo()) return;
        this.#listeners.delete(look);
        clearTimeout(deadline);
        resolve();
      };
      this.#listeners.add(look);
      look();
    });
  }

  stop(): Promise<void> {
    return this.#watch.stop();
  }

  #follow({ metadata, data }: AssignmentObject, gone: boolean): void {
    const key = `${metadata.namespace}/${metadata.name}`;
    if (gone) this.#assignments.delete(key);
    else {
      this.writes++;
      this.#assignments.set(key, parseAssignment(JSON.parse(data?.['assignment.json'] ?? '{}')));
    }
    this.#record(Date.now());
    for (const look of [...this.#listeners]) look();
  }

  #record(time: number): void {
    const owners = new Map<string, string>();
    for (const [key, { streams }] of this.#assignments) {
      for (const pair of streams.filter(({ role }) => role === 'owner').map(pairOf)) {
        const other = owners.get(pair);
        if (other !== undefined) this.conflicts.push(`${pair}: ${other} and ${key}`);
        owners.set(pair, key);
      }
    }
    for (const pair of new Set([...owners.keys(), ...this.#owners.keys()])) {
      const shard = owners.get(pair);
      if (shard === this.#owners.get(pair)) continue;
      this.changes.push({ time, pair, ...(shard !== undefined && { shard }) });
      if (shard === undefined) this.#owners.delete(pair);
      else this.#owners.set(pair, shard);
    }
  }
}

function pairOf({ monitor, name, detectors }: StreamAssignment): string {
  return `${monitor}/${name} ${detectors.toSorted().join()}`;
}
