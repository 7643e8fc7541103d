import { join } from 'node:path';
import type { DefectClass, InjectionContext } from '../injection.ts';
import { encodeLive, naturalIn, pieceOf, placeEvents } from '../piece.ts';
import type { Span } from '../spans.ts';

const during = (spans: readonly Span[]): string =>
  spans.map(([from, to]) => `between(t,${from.toFixed(3)},${to.toFixed(3)})`).join('+');

async function inject({ master, variant, random, directory }: InjectionContext, logo: boolean) {
  const piece = pieceOf(master, random, 45);
  const spans = placeEvents(piece, random, { length: () => random.between(3, 6), gap: 7, lead: 3 });
  const path = join(directory, 'black.ts');
  const enable = `enable='${during(spans)}'`;
  const box = 'x=iw*0.86:y=ih*0.06:w=iw*0.08:h=ih*0.06';
  const mark = logo ? `,drawbox=${box}:c=white:t=fill:${enable}` : '';
  await encodeLive(
    piece,
    {
      megabits: Number.parseFloat(variant),
      gop: random.pick([1, 2, 4]),
      picture: `[0:v]drawbox=c=black:t=fill:${enable}${mark}[v]`,
    },
    path,
  );
  return {
    path,
    seconds: piece.seconds,
    events: spans.map((span) => ({ span, visible: true })),
    excluded: naturalIn(piece, 'black'),
  };
}

const bitRates = ['0.6 Mb/s', '2 Mb/s', '6 Mb/s'];

export default [
  {
    name: 'black',
    description: 'the picture is black for 3 to 6 s, encoded live',
    detector: 'black',
    variants: bitRates,
    floor: { recall: 1, precision: 1 },
    suits: ({ picture }) => picture !== undefined,
    inject: (context) => inject(context, false),
  },
  {
    name: 'black with logo',
    description: 'the picture is black but for a white logo in a corner for 3 to 6 s, encoded live',
    detector: 'black',
    variants: bitRates,
    floor: { recall: 1, precision: 1 },
    suits: ({ picture }) => picture !== undefined,
    inject: (context) => inject(context, true),
  },
] satisfies readonly DefectClass[];
