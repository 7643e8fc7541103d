import { type Durations, type Phase, playPhase } from './phase.ts';
import { flapping } from './phases/flapping.ts';
import { lostNodes } from './phases/lost-nodes.ts';
import { apiRestart, failOver, newImage, restart } from './phases/operators.ts';
import { place } from './phases/place.ts';
import { grow, shrink } from './phases/resize.ts';
import { steady } from './phases/steady.ts';
import { ScaleBed } from './scale-bed.ts';
import type { PhaseFigures } from './scale-file.ts';

/** What can happen to streams that are placed, in the order in which it does. */
export const phases = [
  steady,
  flapping,
  grow,
  shrink,
  lostNodes,
  newImage,
  restart,
  failOver,
  apiRestart,
] as const;

/** Settings under which a run is not about waiting for budgets: the others are those of any installation. */
export const scaleSettings = {
  shards: { max: 2000, movesInFlight: 500, movesPerMinute: 1_000_000 },
};

export interface ScaleOptions {
  readonly streams: number;
  readonly seed: number;
  readonly phases?: readonly Phase[];
  readonly nodes?: number;
  readonly settings?: object;
  readonly durations?: Durations;
  readonly onPhase?: (figures: PhaseFigures) => void;
}

/** What came of a run. */
export interface ScaleOutcome {
  readonly shards: number;
  readonly monitors: number;
  readonly phases: readonly PhaseFigures[];
  /** Each time that a stream had two owners. */
  readonly conflicts: readonly string[];
  /** Why a phase did not come to its end; the run ends there. */
  readonly failure?: string;
}

/** Places so many streams and lets happen to them what can. */
export async function runScale({
  streams,
  seed,
  phases: chosen = phases,
  nodes = 20,
  settings = scaleSettings,
  durations = { quiet: 60, flapping: 30 },
  onPhase,
}: ScaleOptions): Promise<ScaleOutcome> {
  const bed = await ScaleBed.start({ nodes, settings, seed });
  const patience = 120 + streams / 25;
  const figures: PhaseFigures[] = [];
  try {
    let placed = { shards: 0, monitors: 0 };
    for (const phase of [place(streams), ...chosen]) {
      const one = await playPhase(bed, phase, durations, patience).catch((error: Error) => error);
      if (one instanceof Error) {
        const failure = `${phase.name}: ${one.message}`;
        return { ...placed, phases: figures, conflicts: bed.ownership.conflicts, failure };
      }
      if (figures.length === 0) placed = { shards: bed.pods.length, monitors: bed.fleet.length };
      figures.push(one);
      onPhase?.(one);
    }
    return { ...placed, phases: figures, conflicts: bed.ownership.conflicts };
  } finally {
    await bed.stop();
  }
}
