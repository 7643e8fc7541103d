import { join } from 'node:path';
import { naturalExclusions } from '../../exclusions.ts';
import type { CleanClass } from '../../injection.ts';
import { encodeLive, type Piece, pieceOf } from '../../piece.ts';
import type { Random } from '../../random.ts';
import type { Span } from '../../spans.ts';
import type { DetectorType } from '../../watching.ts';

/** Pictures or sound that look like a defect and are none. */
export interface HardNegative {
  /** Filter graph, from `[0:v]` to `[v]` or from `[0:a]` to `[a]`. */
  graph(piece: Piece, random: Random): string;
  /** Mb/s of the picture; one of 1.5, 3 and 6 where absent. */
  readonly megabits?: number;
  /** Detectors whose findings nobody can call false in it, beside what the labels say. */
  doubtful?(piece: Piece): readonly DetectorType[];
}

interface HardNegatives {
  readonly name: string;
  readonly description: string;
  readonly variants: Readonly<Record<string, HardNegative>>;
}

/** Seconds of each. */
const length = 24;

/** A class whose variants change the picture; the sound stays as it is. */
export function hardPictures(own: HardNegatives): CleanClass {
  return {
    ...hardNegatives(own, 'picture'),
    suits: ({ picture }) => picture !== undefined,
  };
}

/** A class whose variants change the sound; the picture is left out. */
export function hardSounds(own: HardNegatives): CleanClass {
  return {
    ...hardNegatives(own, 'sound'),
    suits: ({ sound }) => sound !== undefined,
  };
}

function hardNegatives(
  { name, description, variants }: HardNegatives,
  track: 'picture' | 'sound',
): Omit<CleanClass, 'suits'> {
  return {
    ...{ name, description, variants: Object.keys(variants) },
    make: async ({ master, variant, random, directory }) => {
      const own = variants[variant];
      if (!own) throw new Error(`${name} has no variant "${variant}"`);
      const piece = pieceOf(track === 'sound' ? withoutPicture(master) : master, random, length);
      const path = join(directory, 'clean.ts');
      const megabits = own.megabits ?? random.pick([1.5, 3, 6]);
      await encodeLive(
        piece,
        { megabits, gop: random.pick([1, 2, 4]), [track]: own.graph(piece, random) },
        path,
      );
      const everything: readonly Span[] = [[0, piece.seconds]];
      const doubtful = (own.doubtful?.(piece) ?? []).map((detector) => [detector, everything] as const);
      return { path, excluded: { ...naturalExclusions(piece), ...Object.fromEntries(doubtful) } };
    },
  };
}

function withoutPicture({ picture: _, ...master }: Piece['master']): Piece['master'] {
  return master;
}
