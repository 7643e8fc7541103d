import type { ScaleBed } from './scale-bed.ts';
import type { PhaseFigures } from './scale-file.ts';

/** How long what lasts is kept up, in seconds. */
export interface Durations {
  readonly quiet: number;
  readonly flapping: number;
}

/** Something that happens to the fleet, after which all is to be well again. */
export interface Phase {
  readonly name: string;
  /** What happens, as a part of a sentence. */
  readonly what: string;
  /** Not measured: what it needs first. */
  readonly before?: (bed: ScaleBed) => Promise<void>;
  readonly act: (bed: ScaleBed, durations: Durations) => Promise<void>;
  /** What must hold beside every stream being owned and every StreamMonitor Ready. */
  readonly isOver?: (bed: ScaleBed) => boolean | Promise<boolean>;
  /** Not measured: what is put back. */
  readonly after?: (bed: ScaleBed) => Promise<void>;
}

/** Plays a phase, and says what it took. @throws Error when it is not well again after `patience` seconds */
export async function playPhase(
  bed: ScaleBed,
  phase: Phase,
  durations: Durations,
  patience: number,
): Promise<PhaseFigures> {
  await phase.before?.(bed);
  const { ownership, operators, writes } = bed;
  const [written, cpu, began] = [writes.counts(), operators.cpuSeconds, performance.now()];
  ownership.mark();
  operators.mark();
  await phase.act(bed, durations);
  const acted = performance.now();
  await bed.well(patience, () => phase.isOver?.(bed) ?? true);
  const ended = performance.now();
  const writesOf = Object.fromEntries(
    [...writes.counts()]
      .map(([what, count]) => [what, count - (written.get(what) ?? 0)] as const)
      .filter(([, count]) => count > 0)
      .sort(([, a], [, b]) => b - a),
  );
  const figures = {
    name: phase.name,
    seconds: (ended - began) / 1000,
    recoverySeconds: (ended - acted) / 1000,
    writes: Object.values(writesOf).reduce((sum, count) => sum + count, 0),
    writesOf,
    cpuSeconds: operators.cpuSeconds - cpu,
    peakMegabytes: operators.peak / 1024 / 1024,
    ...ownership.sinceMark,
  };
  await phase.after?.(bed);
  return figures;
}
