import type { ShardReport, StreamReport } from '../../crds/shard-report.ts';
import { type Placement, type PlannedShard, pairKey } from './shard-state.ts';

/** Seconds over which the average forgets all but a third of what it knew. */
const memory = 600;
/** Seconds that a pair is measured before it is believed: the opening of a stream costs more than its watching. */
const enough = 300;
/** Seconds between two reports below which the CPU clock is too coarse. */
const shortest = 5;
/** ms CPU per second that any stream is taken to need: one that costs nothing now will not stay so. */
const floor = 5;
/** Of a stream that is not kept up with, the least share that is taken to be watched: nothing can be told from less. */
const leastWatched = 0.1;
/** Share by which the average must differ from what is planned with before that changes. */
const tolerance = 0.15;
/** Costs are steps of 10 %: documents stay as they are while the CPU wavers. */
const step = 1.1;

/** What is known of one pair. */
interface Learned {
  average: number;
  measuredSeconds: number;
  /** What is planned with. */
  cost: number | undefined;
}

/**
 * Learns from the reports of shards what each (stream, subset) costs. A shard's own CPU is shared over its streams
 * as their converters' is. What is not kept up with needs more than it gets. Streams without media are not learned from: they cost little for as long as that lasts.
 */
export class LearnedCosts {
  readonly #pairs = new Map<string, Learned>();
  readonly #lastReports = new Map<string, ShardReport>();

  /**
   * @param report of a shard; one that has been seen changes nothing
   * @param placements what the shard's streams are planned with, so that after a restart their costs stay
   */
  observe(report: ShardReport, placements: readonly Placement[] = []): void {
    const last = this.#lastReports.get(report.shard);
    const seconds =
      last?.bootId === report.bootId ? (Date.parse(report.time) - Date.parse(last.time)) / 1000 : -1;
    if (seconds >= 0 && seconds < shortest) return;
    this.#lastReports.set(report.shard, report);
    // Of another process, or from before the clock was set back.
    if (!last || seconds < 0) return;

    const planned = new Map(placements.map((placement) => [pairKey(placement), placement.cost]));
    const before = new Map(last.streams.map((stream) => [keyOf(stream), stream]));
    const streams = report.streams.flatMap((stream) => {
      const earlier = before.get(keyOf(stream));
      const cpuSeconds = earlier ? stream.cpuSeconds - earlier.cpuSeconds : -1;
      // The CPU of a stream begins at 0 again when its shard takes it anew.
      if (cpuSeconds < 0) return [];
      const up = stream.phase === 'Up' && earlier?.phase === 'Up';
      const missed = (stream.overloadedSeconds ?? 0) - (earlier?.overloadedSeconds ?? 0);
      return [{ key: keyOf(stream), cpuSeconds, up, watched: watchedShare(missed, seconds) }];
    });
    const converters = streams.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
    const total = report.cpuSeconds - last.cpuSeconds;
    // A stream that came or went in between has taken a part that nobody can tell from the others'.
    if (converters <= 0 || streams.length !== report.streams.length || before.size !== streams.length) return;
    const share = Math.max(1, total / converters);
    for (const { key, cpuSeconds, up, watched } of streams) {
      if (up) this.#learn(key, (cpuSeconds * share * 1000) / (seconds * watched), seconds, planned.get(key));
    }
  }

  /** What each pair is to be planned with, in ms CPU per second; those that are not known well enough are not in it. */
  get byPair(): ReadonlyMap<string, number> {
    return new Map(
      [...this.#pairs].flatMap(([key, { cost }]) => (cost === undefined ? [] : [[key, cost] as const])),
    );
  }

  /** Forgets every shard but these, and every pair that none of them has. */
  retain(shards: readonly PlannedShard[]): void {
    const names = new Set(shards.map(({ name }) => name));
    for (const name of this.#lastReports.keys()) if (!names.has(name)) this.#lastReports.delete(name);
    const pairs = new Set(shards.flatMap(({ placements }) => placements.map(pairKey)));
    for (const key of this.#pairs.keys()) if (!pairs.has(key)) this.#pairs.delete(key);
  }

  #learn(key: string, cost: number, seconds: number, planned: number | undefined): void {
    const known = this.#pairs.get(key) ?? { average: cost, measuredSeconds: 0, cost: planned };
    const weight = 1 - Math.exp(-seconds / memory);
    known.average += (cost - known.average) * weight;
    known.measuredSeconds += seconds;
    this.#pairs.set(key, known);
    if (known.measuredSeconds < enough) return;
    const average = Math.max(floor, known.average);
    if (known.cost === undefined || Math.abs(average - known.cost) > tolerance * known.cost) {
      known.cost = rounded(average);
    }
  }
}

function watchedShare(missed: number, seconds: number): number {
  return Math.min(1, Math.max(leastWatched, 1 - missed / seconds));
}

function rounded(cost: number): number {
  return Math.round(step ** Math.round(Math.log(cost) / Math.log(step)));
}

function keyOf({ monitor, name, detectors }: StreamReport): string {
  return pairKey({ monitor, name, detectors: detectors.toSorted() });
}
