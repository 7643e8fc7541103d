import { Cron } from 'croner';
import type { ExpectSettings } from '../../crds/assignment.ts';
import type { DetectorManifest } from '../../crds/detector-manifest.ts';
import type { Expectation } from '../incidents/suppression.ts';

/** How a stream's timeline stands to the wall clock: media seconds and ms since 1970. */
export interface WallRelation {
  wallOf(mediaTime: number): number;
  timeOf(wall: number): number;
}

type StaticWindow = ExpectSettings['static'][number];

/** A stretch of the wall clock, in ms since 1970. */
interface WallSpan {
  readonly from: number;
  readonly until: number;
}

interface Rule {
  /** In ms. */
  readonly duration: number;
  readonly detectors: ReadonlySet<string>;
  /** Looked up at the beginning and at the end of a stretch, each with a memory of its own. */
  readonly before: Runs;
  readonly until: Runs;
}

/**
 * When a stream is expected to stand still, by the wall clock: begins as cron says on the clock of a time zone, where
 * times that a change of clocks skips come right after it and times that it repeats come once, and lasts for time
 * that passes. Pure.
 */
export class Schedule {
  readonly #rules: readonly Rule[];
  readonly #relation: WallRelation;

  /** `manifests`: of the detectors that run; those that say so themselves are covered where a window names none. */
  constructor(
    windows: readonly StaticWindow[],
    manifests: readonly DetectorManifest[],
    relation: WallRelation,
  ) {
    this.#relation = relation;
    const usual = manifests.filter(({ expectable }) => expectable?.includes('schedule'));
    this.#rules = windows.map(({ cron, timeZone, duration, detectors }) => ({
      duration: duration * 1000,
      detectors: new Set(detectors ?? usual.map(({ type }) => type)),
      before: new Runs(cron, timeZone),
      until: new Runs(cron, timeZone),
    }));
  }

  /** What was expected of a detector between two media times, the first and the last window of them. */
  between(detector: string, from: number, to: number): Expectation | undefined {
    const [start, end] = [this.#relation.wallOf(from), this.#relation.wallOf(to)];
    const spans = this.#rules
      .filter(({ detectors }) => detectors.has(detector))
      .flatMap((rule) => spansOf(rule, start, end));
    if (spans.length === 0) return undefined;
    return {
      reason: 'schedule',
      from: this.#relation.timeOf(Math.min(...spans.map((span) => span.from))),
      until: this.#relation.timeOf(Math.max(...spans.map((span) => span.until))),
    };
  }
}

/** The first and the last window of a rule that overlap a stretch of the wall clock. */
function spansOf({ duration, before, until }: Rule, start: number, end: number): WallSpan[] {
  const { next: first } = before.around(start - duration);
  const { last } = until.around(end);
  return [first, last].flatMap((run) =>
    run === undefined || run > end || run + duration <= start ? [] : [{ from: run, until: run + duration }],
  );
}

/** The latest run up to a wall clock, and the one after it, in ms since 1970. */
interface RunsAround {
  readonly last?: number;
  readonly next?: number;
}

/** The runs of a cron pattern; looking up the neighbourhood of the last answer again costs nothing. */
class Runs {
  readonly #cron: Cron;
  #known: RunsAround | undefined;

  constructor(pattern: string, timezone: string) {
    this.#cron = new Cron(pattern, { mode: '5-part', timezone, paused: true });
  }

  around(wall: number): RunsAround {
    const { last, next } = this.#known ?? {};
    if (last !== undefined && next !== undefined && wall >= last && wall < next) return { last, next };
    const after = this.#cron.nextRun(new Date(wall));
    // Runs lie on whole minutes; one at the reference itself would be left out.
    const [before] = this.#cron.previousRuns(1, new Date((Math.floor(wall / 1000) + 1) * 1000));
    this.#known = {
      ...(before && { last: before.getTime() }),
      ...(after && { next: after.getTime() }),
    };
    return this.#known;
  }
}
