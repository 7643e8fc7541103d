import type { Assignment } from '../../crds/assignment.ts';

interface Pair {
  /** Pods that follow an assignment which makes them its owner. */
  readonly pods: Set<string>;
  /** Shard of the last owner. */
  shard: string;
  /** When the last owner was gone, ms of the monotonic clock. */
  unownedSince?: number;
}

/** Who owns each (stream, subset), by what the pods that run follow: what they are told and have not heard is nothing. */
export class StreamOwnership {
  /** Each time that a second pod owned what another still did. */
  readonly conflicts: string[] = [];
  readonly #pairs = new Map<string, Pair>();
  readonly #ownedBy = new Map<string, ReadonlySet<string>>();
  #owned = 0;
  #moved = 0;
  #longest = 0;
  #interrupted = new Set<string>();

  /** Pairs that have an owner now. */
  get owned(): number {
    return this.#owned;
  }

  /** Since the last mark: changes of shard; pairs that were without owner and have one again; for how long at most, s. */
  get sinceMark(): { readonly moved: number; readonly interrupted: number; readonly longest: number } {
    return { moved: this.#moved, interrupted: this.#interrupted.size, longest: this.#longest / 1000 };
  }

  /** Counts from now. */
  mark(): void {
    this.#moved = 0;
    this.#longest = 0;
    this.#interrupted = new Set();
  }

  /**
   * @param pod any name that no other pod has
   * @param assignment none when the pod has ended
   * @param now ms of the monotonic clock
   */
  follow(pod: string, assignment: Assignment | undefined, now = performance.now()): void {
    const before = this.#ownedBy.get(pod) ?? new Set<string>();
    const owned = new Set(
      assignment?.streams
        .filter(({ role }) => role === 'owner')
        .map(({ monitor, name, detectors }) => `${monitor}/${name} ${detectors.toSorted().join()}`),
    );
    if (assignment) this.#ownedBy.set(pod, owned);
    else this.#ownedBy.delete(pod);
    for (const key of before) if (!owned.has(key)) this.#lose(key, pod, now);
    for (const key of owned) if (!before.has(key)) this.#gain(key, pod, assignment!.shard, now);
  }

  #lose(key: string, pod: string, now: number): void {
    const pair = this.#pairs.get(key)!;
    pair.pods.delete(pod);
    if (pair.pods.size > 0) return;
    pair.unownedSince = now;
    this.#owned--;
  }

  #gain(key: string, pod: string, shard: string, now: number): void {
    const pair = this.#pairs.get(key) ?? { pods: new Set<string>(), shard };
    this.#pairs.set(key, pair);
    if (pair.pods.size > 0) this.conflicts.push(`${key}: ${[...pair.pods].join(', ')} and ${pod}`);
    else this.#owned++;
    pair.pods.add(pod);
    if (pair.shard !== shard) this.#moved++;
    pair.shard = shard;
    if (pair.unownedSince === undefined) return;
    this.#longest = Math.max(this.#longest, now - pair.unownedSince);
    this.#interrupted.add(key);
    delete pair.unownedSince;
  }
}
