import pLimit from 'p-limit';
import type { Logger } from 'pino';
import { parseShardReport, type ShardReport } from '../../crds/shard-report.ts';
import type { ShardClient } from './shard-client.ts';

/** A shard to be asked. */
export interface PolledShard {
  /** By which it is known here: unique among all that are asked. */
  readonly key: string;
  /** What it calls itself. */
  readonly name: string;
  readonly client: Pick<ShardClient, 'json'>;
  /** Something depends on its next answer, such as a move. */
  readonly urgent: boolean;
}

/** How asking ended: `invalid` for what is no report of that shard. */
export type PollResult = 'answered' | 'silent' | 'invalid';

export interface ShardReportsOptions {
  /** Whom to ask, by what is known now. */
  readonly shards: () => Iterable<PolledShard>;
  /** Whether what a shard said last still matters, although it cannot be asked. */
  readonly exists: (key: string) => boolean;
  readonly onReport: (key: string, report: ShardReport, previous: ShardReport | undefined) => void;
  readonly onPoll?: (result: PollResult, key: string) => void;
  readonly logger: Logger;
  /** ms between questions to one shard. */
  readonly interval?: number;
  readonly urgentInterval?: number;
}

interface Polled {
  askedAt: number;
  asking: boolean;
  /** When it last answered, or was first asked, in ms of the monotonic clock. */
  heardAt: number;
  /** Whether the last question came to nothing. */
  silent: boolean;
  report?: ShardReport;
  problem?: string;
}

/** Questions under way at once, to shards that answer and to those that do not. */
const concurrency = 32;
const tick = 250;

/** Asks every shard what it has to say of itself, again and again. A missing answer leaves the last report. */
export class ShardReports {
  readonly #options: Required<Omit<ShardReportsOptions, 'onPoll'>> & Pick<ShardReportsOptions, 'onPoll'>;
  readonly #polled = new Map<string, Polled>();
  readonly #limit = pLimit(concurrency);
  /** Each question to one that is gone takes its time-out: those that answer must not wait behind them. */
  readonly #silentLimit = pLimit(concurrency);
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ShardReportsOptions) {
    this.#options = { interval: 5_000, urgentInterval: 500, ...options };
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#askDue(), tick);
    this.#askDue();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#limit.clearQueue();
    this.#silentLimit.clearQueue();
  }

  /** The last valid report of a shard, however long ago. */
  last(key: string): ShardReport | undefined {
    return this.#polled.get(key)?.report;
  }

  /** Seconds since a shard last answered, or since it is asked; infinite for one that is not. */
  silence(key: string): number {
    const heardAt = this.#polled.get(key)?.heardAt ?? Number.NEGATIVE_INFINITY;
    return (performance.now() - heardAt) / 1000;
  }

  forget(key: string): void {
    this.#polled.delete(key);
  }

  #askDue(): void {
    const now = performance.now();
    const shards = [...this.#options.shards()];
    const keys = new Set(shards.map(({ key }) => key));
    // The last words of a shard that is gone are what the next owner of its streams goes on from.
    for (const key of this.#polled.keys())
      if (!keys.has(key) && !this.#options.exists(key)) this.#polled.delete(key);
    for (const shard of shards) {
      const polled = this.#known(shard.key);
      const interval = shard.urgent ? this.#options.urgentInterval : this.#options.interval;
      if (polled.asking || now - polled.askedAt < interval) continue;
      polled.asking = true;
      polled.askedAt = now;
      const limit = polled.silent ? this.#silentLimit : this.#limit;
      limit(() => this.#ask(shard, polled)).catch(() => {});
    }
  }

  #known(key: string): Polled {
    let polled = this.#polled.get(key);
    if (!polled) {
      // Spread over the interval, so that an operator that starts does not ask all shards in one moment.
      const now = performance.now();
      polled = {
        askedAt: now - Math.random() * this.#options.interval,
        heardAt: now,
        asking: false,
        silent: false,
      };
      this.#polled.set(key, polled);
    }
    return polled;
  }

  async #ask({ key, name, client }: PolledShard, polled: Polled): Promise<void> {
    const { onReport, onPoll } = this.#options;
    try {
      const answer = await client.json<unknown>('/report');
      polled.silent = answer === undefined;
      if (answer === undefined) return onPoll?.('silent', key);
      const report = parseShardReport(answer);
      if (report.shard !== name && report.shard !== '') throw new Error(`it calls itself ${report.shard}`);
      onPoll?.('answered', key);
      polled.heardAt = performance.now();
      delete polled.problem;
      // What is not in force yet says nothing.
      if (report.shard === '') return;
      const previous = polled.report;
      polled.report = report;
      onReport(key, report, previous);
    } catch (error) {
      onPoll?.('invalid', key);
      this.#complain(key, polled, (error as Error).message);
    } finally {
      polled.asking = false;
    }
  }

  /** Once for each problem, not at every question. */
  #complain(shard: string, polled: Polled, problem: string): void {
    if (polled.problem === problem) return;
    polled.problem = problem;
    this.#options.logger.warn({ shard, reason: problem }, 'what the shard answers is no report of it');
  }
}
