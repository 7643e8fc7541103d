import { setTimeout as sleep } from 'node:timers/promises';
import { parseShardReport } from '../../crds/shard-report.ts';
import type { LiveCluster } from '../integration/live-cluster.ts';

/** A time in which no owner of a stream reported that it watched it. In ms since 1970. */
export interface Gap {
  readonly stream: string;
  readonly from: number;
  readonly to: number;
}

const interval = 250;
/** A stream whose owner has watched no more of it for longer than this is unwatched; reports come by the second. */
const normal = 2_500;

/** Asks every shard for its report all the time, and keeps since when each stream was not watched. */
export class WatchLog {
  readonly gaps: Gap[] = [];
  readonly #live: LiveCluster;
  readonly #namespace: string;
  /** When more of a stream was last seen to be watched, in ms since 1970. */
  readonly #seen = new Map<string, number>();
  /** Seconds that each process has watched of each stream. */
  readonly #monitored = new Map<string, number>();
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;

  constructor(live: LiveCluster, namespace: string) {
    this.#live = live;
    this.#namespace = namespace;
    this.#running = this.#run();
  }

  /** When more of a stream was last seen to be watched, in ms since 1970. */
  lastSeen(stream: string): number | undefined {
    return this.#seen.get(stream);
  }

  /** Longest time since `from` in which a stream was unwatched, in seconds, by stream; one that goes on included. */
  longest(from: number): Map<string, number> {
    const now = Date.now();
    const going = [...this.#seen].map(([stream, at]) => ({ stream, from: at, to: now }));
    const longest = new Map<string, number>();
    for (const gap of [...this.gaps, ...going.filter((gap) => gap.to - gap.from > normal)]) {
      const seconds = (gap.to - Math.max(gap.from, from)) / 1000;
      longest.set(gap.stream, Math.max(seconds, longest.get(gap.stream) ?? 0));
    }
    return longest;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const pods = this.#live.kubelet.processes(this.#namespace);
      await Promise.all(pods.map(({ address }) => this.#look(address).catch(() => {})));
      await sleep(interval, undefined, { signal: this.#stopping.signal }).catch(() => {});
    }
  }

  async #look(address: string): Promise<void> {
    const answer = await fetch(`http://${address}:8080/report`, { signal: AbortSignal.timeout(1_000) });
    const { bootId, streams } = parseShardReport(await answer.json());
    for (const { name, role, phase, monitoredSeconds } of streams) {
      const key = `${bootId} ${name}`;
      const before = this.#monitored.get(key) ?? 0;
      this.#monitored.set(key, monitoredSeconds);
      if (role === 'owner' && phase === 'Up' && monitoredSeconds > before) this.#see(name, Date.now());
    }
  }

  #see(stream: string, now: number): void {
    const last = this.#seen.get(stream);
    if (last !== undefined && now - last > normal) this.gaps.push({ stream, from: last, to: now });
    this.#seen.set(stream, now);
  }
}
