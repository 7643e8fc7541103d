import type { CleanClass } from '../injection.ts';
import { hardPictures } from './making/hard-negative.ts';

export default [
  hardPictures({
    name: 'cadence',
    description: 'pictures are repeated in a regular pattern, as rate conversion and animation do',
    variants: {
      '24 to 30 by fields': { graph: () => '[0:v]fps=24,telecine=pattern=23[v]' },
      '24 to 30': { graph: () => '[0:v]fps=24,fps=30[v]' },
      '24 to 60': { graph: () => '[0:v]fps=24,fps=60[v]' },
      '25 to 50': { graph: () => '[0:v]fps=25,fps=50[v]' },
      'on twos': { graph: () => '[0:v]fps=12.5,fps=25[v]' },
      'on threes': { graph: () => '[0:v]fps=25/3,fps=25[v]' },
    },
  }),
] satisfies readonly CleanClass[];
