import type { PoolPolicy } from './pool-policy.ts';
import type { Placement, ShardState } from './shard-state.ts';

const minute = 60_000;

/** How many moves may still begin in each pool; what a lost shard causes counts as begun, and is never held back. */
export class MoveBudget {
  readonly #now: number;
  readonly #policies: Readonly<Record<string, PoolPolicy>>;
  readonly #inFlight = new Map<string, number>();
  readonly #begunLately = new Map<string, number>();

  /** @param now ms since 1970 */
  constructor(now: number, policies: Readonly<Record<string, PoolPolicy>>) {
    this.#now = now;
    this.#policies = policies;
  }

  /** Counts a placement that stands, by the shard that it is on and the health of the one that it comes from. */
  count({ pool }: Pick<ShardState, 'pool'>, placement: Placement, fromLost: boolean): void {
    if (placement.from === undefined) return;
    if (placement.role === 'warming' && !fromLost) add(this.#inFlight, pool);
    if (this.#now - placement.since < minute) add(this.#begunLately, pool);
  }

  /** Begins a move into a pool, or says why it must wait. */
  begin(pool: string): string | undefined {
    const { movesInFlight, movesPerMinute } = this.#policies[pool]!;
    if ((this.#inFlight.get(pool) ?? 0) >= movesInFlight) {
      return `no more than ${movesInFlight} streams of its pool move at once`;
    }
    if ((this.#begunLately.get(pool) ?? 0) >= movesPerMinute) {
      return `no more than ${movesPerMinute} moves of its pool begin within a minute`;
    }
    add(this.#inFlight, pool);
    add(this.#begunLately, pool);
    return undefined;
  }

  /** Takes back a move that did not begin after all. */
  cancel(pool: string): void {
    this.#inFlight.set(pool, this.#inFlight.get(pool)! - 1);
    this.#begunLately.set(pool, this.#begunLately.get(pool)! - 1);
  }
}

/** Why a stream that has moved stays for now; undefined when it may move. */
export function coolsDown(placement: Placement, { coolDown }: PoolPolicy, now: number): string | undefined {
  if (placement.from === undefined || now - placement.since >= coolDown * 1000) return undefined;
  return `it has moved within the last ${coolDown} s`;
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
