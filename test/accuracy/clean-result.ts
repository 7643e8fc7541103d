import type { CleanCase } from './clean-run.ts';
import type { CleanClass } from './injection.ts';

/** What a class of clips without a defect came to, as it stands in the JSON file. */
export interface CleanResult {
  readonly class: string;
  readonly description: string;
  readonly clips: number;
  /** Watched by all detectors that are on by default. */
  readonly seconds: number;
  /** By detector; those without any are not named. */
  readonly falseAlarms: Readonly<Record<string, number>>;
  /** Neither right nor wrong, by detector. */
  readonly excused: Readonly<Record<string, number>>;
}

export function cleanResultOf(own: CleanClass, cases: readonly CleanCase[]): CleanResult {
  return {
    class: own.name,
    description: own.description,
    clips: new Set(cases.map(({ clip }) => clip)).size,
    seconds: cases.reduce((total, { seconds }) => total + seconds, 0),
    falseAlarms: counts(cases.flatMap(({ falseAlarms }) => falseAlarms)),
    excused: counts(cases.flatMap(({ excused }) => excused)),
  };
}

function counts(incidents: readonly { readonly detector: string }[]): Record<string, number> {
  const groups = Map.groupBy(incidents, ({ detector }) => detector);
  return Object.fromEntries([...groups].map(([detector, own]) => [detector, own.length]));
}
