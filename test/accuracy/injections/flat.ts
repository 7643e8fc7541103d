import { join } from 'node:path';
import type { DefectClass, Injected, InjectionContext } from '../injection.ts';
import { encodeLive, naturalIn, pieceOf, placeEvents } from '../piece.ts';
import { during } from './sound/codecs.ts';

const colours = ['gray', 'blue', 'green', 'white', 'magenta', '0x303030'];

async function inject({ master, variant, random, directory }: InjectionContext): Promise<Injected> {
  const piece = pieceOf(master, random, 45);
  const spans = placeEvents(piece, random, { length: () => random.between(3, 6), gap: 7, lead: 3 });
  const boxes = spans.map((span) => `drawbox=c=${random.pick(colours)}:t=fill:enable='${during([span])}'`);
  const path = join(directory, 'flat.ts');
  await encodeLive(
    piece,
    {
      ...{ megabits: Number.parseFloat(variant), gop: random.pick([1, 2, 4]) },
      picture: `[0:v]${boxes.join(',') || 'null'}[v]`,
    },
    path,
  );
  return {
    ...{ path, seconds: piece.seconds },
    events: spans.map((span) => ({ span, visible: true })),
    excluded: naturalIn(piece, 'black'),
  };
}

export default [
  {
    name: 'flat',
    description: 'the picture has one colour, other than black, for 3 to 6 s, encoded live',
    detector: 'flat',
    variants: ['0.6 Mb/s', '2 Mb/s', '6 Mb/s'],
    floor: { recall: 1, precision: 1 },
    suits: ({ picture }) => picture !== undefined,
    inject,
  },
] satisfies readonly DefectClass[];
