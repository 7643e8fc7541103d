import { join } from 'node:path';
import { naturalExclusions } from '../exclusions.ts';
import type { CleanClass } from '../injection.ts';
import { encodeLive, type Piece } from '../piece.ts';

/** The clip once, from its beginning. */
function whole(master: Piece['master']): Piece {
  return { master, from: 0, seconds: master.clip.duration };
}

export default [
  {
    name: 'as it is',
    description: 'the clip, untouched',
    variants: [''],
    suits: () => true,
    make: ({ master }) =>
      Promise.resolve({ path: master.clip.path, excluded: naturalExclusions(whole(master)) }),
  },
  {
    name: 're-encoded',
    description: 'the clip, encoded live at a low to high bit-rate',
    variants: ['0.6 Mb/s', '2 Mb/s', '6 Mb/s'],
    suits: () => true,
    make: async ({ master, variant, random, directory }) => {
      const path = join(directory, 'clean.ts');
      const piece = whole(master);
      await encodeLive(piece, { megabits: Number.parseFloat(variant), gop: random.pick([1, 2, 10]) }, path);
      return { path, excluded: naturalExclusions(piece) };
    },
  },
] satisfies readonly CleanClass[];
