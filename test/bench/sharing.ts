import { join } from 'node:path';
import { benchSet, watchCommand, watched } from './commands.ts';
import { steadyMilliseconds } from './cpu-time.ts';
import type { Rendition } from './renditions.ts';
import { interleaved } from './rounds.ts';
import { pairedRatio, type Spread } from './statistics.ts';

/** The bench set in two and in three, as a user might divide it. */
const divisions: readonly (readonly (readonly string[])[])[] = [
  [
    ['freeze', 'black', 'stall', 'loudness'],
    ['block-corruption', 'silence', 'clipping'],
  ],
  [['freeze', 'black', 'stall'], ['block-corruption'], ['silence', 'clipping', 'loudness']],
];

/** The bench set divided into subsets, each a process, ÷ the set in one process. */
export interface Sharing {
  readonly subsets: number;
  /** Each decodes for itself. */
  readonly replicated: Spread;
  /** One ffmpeg decodes, and writes what each needs into its pipes. */
  readonly shared: Spread;
}

/** Whether to decode once for all subsets, or in each. */
export async function measureSharing({ cut, opening }: Rendition, rounds: number): Promise<Sharing[]> {
  const watching = (set: readonly string[]) =>
    steadyMilliseconds((file) => watchCommand(file, set), cut, opening, watched);
  const sharing = (division: readonly (readonly string[])[]) =>
    steadyMilliseconds((file) => sharedCommand(file, division), cut, opening);
  const subsets = divisions.flat();
  const taken = await interleaved<string>(
    {
      whole: () => watching(benchSet),
      ...Object.fromEntries(subsets.map((set) => [String(set), () => watching(set)])),
      ...Object.fromEntries(
        divisions.map((division) => [`${division.length} sharing`, () => sharing(division)]),
      ),
    },
    rounds,
  );
  const whole = taken.whole!;
  return divisions.map((division) => ({
    subsets: division.length,
    replicated: pairedRatio(
      whole.map((_, round) => division.reduce((sum, set) => sum + taken[String(set)]![round]!, 0)),
      whole,
    ),
    shared: pairedRatio(taken[`${division.length} sharing`]!, whole),
  }));
}

function sharedCommand(file: string, division: readonly (readonly string[])[]): readonly string[] {
  return [
    ...[process.execPath, join(import.meta.dirname, 'sharing/shared-process.ts'), file],
    ...division.map(String),
  ];
}
