import type { ScoredCase } from './class-run.ts';
import type { DefectClass } from './injection.ts';
import { type CaseScore, sum, type Tally } from './scoring.ts';
import { type Quality, qualityOf, quantile } from './statistics.ts';

/** Middle and 95th percentile of what was off, without its sign. */
export interface Spread {
  readonly median: number;
  readonly p95: number;
}

/** What a class came to, as it stands in the JSON file. */
export interface ClassResult {
  readonly class: string;
  readonly description: string;
  readonly detector: string;
  readonly kinds?: readonly string[];
  readonly tally: Tally;
  readonly quality: Quality;
  /** Seconds by which incidents begin late (or early), without their sign. */
  readonly onset?: Spread;
  readonly error?: Spread & { readonly unit: string };
  readonly variants: Readonly<Record<string, Tally>>;
  readonly clips: Readonly<Record<string, Tally>>;
  readonly peer?: PeerResult;
}

/** The peer on the same files: as it comes, and under that of its settings that has the best F1 on them. */
export interface PeerResult {
  readonly filter: string;
  readonly defaults: PeerSetting;
  readonly best: PeerSetting;
}

export interface PeerSetting {
  readonly label: string;
  readonly tally: Tally;
  readonly quality: Quality;
}

export function resultOf(
  defect: DefectClass,
  cases: readonly ScoredCase[],
  { seed, filter }: { readonly seed: number; readonly filter: string | undefined },
): ClassResult {
  const scores = cases.map(({ score }) => score);
  const onsets = scores.flatMap(({ onsets: own }) => own);
  const errors = scores.flatMap(({ errors: own }) => own);
  const clips = tallies(cases, ({ clip }) => clip.clip.name, ourScore);
  const quality = qualityOf(Object.values(clips), seed);
  if (defect.withoutCoverage) Reflect.deleteProperty(quality, 'coverage');
  return {
    class: defect.name,
    description: defect.description,
    detector: defect.detector,
    ...(defect.kinds && { kinds: defect.kinds }),
    tally: sum(scores),
    quality,
    ...(onsets.length > 0 && { onset: spread(onsets) }),
    ...(defect.error && errors.length > 0 && { error: { ...spread(errors), unit: defect.error.unit } }),
    variants: tallies(cases, ({ variant }) => variant, ourScore),
    clips,
    ...(filter !== undefined && { peer: peerResult(filter, cases, seed) }),
  };
}

function peerResult(filter: string, cases: readonly ScoredCase[], seed: number): PeerResult {
  const labels = [...(cases[0]?.peer?.keys() ?? [])];
  const settings = labels.map((label) => {
    const own = tallies(
      cases,
      ({ clip }) => clip.clip.name,
      ({ peer }) => peer?.get(label),
    );
    return { label, tally: sum(Object.values(own)), byClip: Object.values(own) };
  });
  const defaults = settings[0];
  const best = settings.toSorted((one, other) => f1(other.tally) - f1(one.tally))[0];
  if (!defaults || !best) throw new Error(`${filter} was run with no setting`);
  const told = ({ label, tally, byClip }: typeof defaults): PeerSetting => ({
    label,
    tally,
    quality: qualityOf(byClip, seed),
  });
  return { filter, defaults: told(defaults), best: told(best) };
}

function f1({ found, falseAlarms, events }: Tally): number {
  return (2 * found) / Math.max(1, found + falseAlarms + events);
}

const ourScore = ({ score }: ScoredCase): CaseScore => score;

function tallies(
  cases: readonly ScoredCase[],
  keyOf: (own: ScoredCase['case']) => string,
  scoreOf: (scored: ScoredCase) => CaseScore | undefined,
): Record<string, Tally> {
  const groups = Map.groupBy(cases, (scored) => keyOf(scored.case));
  return Object.fromEntries(
    [...groups].map(([key, own]) => [key, sum(own.map(scoreOf).filter((score) => score !== undefined))]),
  );
}

function spread(figures: readonly number[]): Spread {
  const sizes = figures.map(Math.abs);
  return { median: quantile(sizes, 0.5), p95: quantile(sizes, 0.95) };
}
