import { join } from 'node:path';
import type { DefectClass, Injected, InjectionContext } from '../injection.ts';
import { encodeLive, pieceOf, placeEvents } from '../piece.ts';

/** Leaves pictures out, and sound where `whole`, before anything is encoded: what follows keeps its timestamps. */
async function inject(
  { master, variant, random, directory }: InjectionContext,
  whole: boolean,
): Promise<Injected> {
  const piece = pieceOf(master, random, 60);
  const spans = placeEvents(piece, random, { length: () => random.between(3, 8), gap: 7, lead: 4 });
  const present = `'not(${spans.map(([from, to]) => `gte(t,${from.toFixed(3)})*lt(t,${to.toFixed(3)})`).join('+')})'`;
  const path = join(directory, 'stalled.ts');
  await encodeLive(
    piece,
    {
      ...{ megabits: Number.parseFloat(variant), gop: random.pick([1, 2, 10]) },
      picture: `[0:v]select=${present}[v]`,
      ...(whole && { sound: `[0:a]aselect=${present}[a]` }),
      output: ['-fps_mode', 'passthrough'],
    },
    path,
  );
  return {
    ...{ path, seconds: piece.seconds, excluded: [] },
    events: spans.map((span) => ({ span, visible: true })),
  };
}

const shared = {
  detector: 'stall',
  variants: ['0.6 Mb/s', '2 Mb/s', '6 Mb/s'],
} satisfies Partial<DefectClass>;

export default [
  {
    ...shared,
    name: 'stall',
    description: 'neither pictures nor sound for 3 to 8 s, in a recording: their timestamps skip',
    suits: ({ picture }) => picture !== undefined,
    inject: (context) => inject(context, true),
  },
  {
    ...shared,
    name: 'stall of the picture',
    floor: { recall: 1, precision: 1 },
    description: 'no pictures for 3 to 8 s while the sound goes on, in a recording: their timestamps skip',
    suits: ({ picture, sound }) => picture !== undefined && sound !== undefined,
    inject: (context) => inject(context, false),
  },
] satisfies readonly DefectClass[];
