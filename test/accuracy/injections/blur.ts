import { join } from 'node:path';
import type { DefectClass, Injected, InjectionContext } from '../injection.ts';
import type { Master } from '../master.ts';
import { encodeLive, pieceOf, placeEvents } from '../piece.ts';
import { losesDetail } from './blur/visibility.ts';
import { during } from './sound/codecs.ts';

/** Filters that take the detail from a picture, by variant. */
const blurs: Readonly<Record<string, (picture: NonNullable<Master['picture']>) => string>> = {
  'a third of the lines': (picture) => enlarged(picture, 3),
  'a fifth of the lines': (picture) => enlarged(picture, 5),
  'out of focus': ({ width }) => `gblur=sigma=${(width / 200).toFixed(2)}`,
};

/** A low rendition, scaled up. */
function enlarged({ width, height }: NonNullable<Master['picture']>, factor: number): string {
  const [small, low] = [width, height].map((side) => 2 * Math.round(side / factor / 2));
  return `scale=${small}:${low}:flags=area,scale=${width}:${height}:flags=bicubic`;
}

async function inject({ master, variant, random, directory }: InjectionContext): Promise<Injected> {
  const blur = blurs[variant];
  if (!blur || !master.picture)
    throw new Error(`${variant} is no blur, or ${master.clip.name} has no picture`);
  const piece = pieceOf(master, random, 60);
  const filters = blur(master.picture);
  const spans = placeEvents(piece, random, { length: () => random.between(14, 18), gap: 8, lead: 30 });
  const path = join(directory, 'blurred.ts');
  await encodeLive(
    piece,
    {
      ...{ megabits: random.pick([1, 2, 4, 6]), gop: random.pick([1, 2, 4]) },
      picture: `[0:v]split[a][b];[b]${filters}[c];[a][c]overlay=enable='${during(spans)}'[v]`,
    },
    path,
  );
  const visible = await Promise.all(spans.map((span) => losesDetail(piece, span, filters)));
  return {
    ...{ path, seconds: piece.seconds, excluded: [] },
    events: spans.map((span, index) => ({ span, visible: visible[index] ?? false })),
  };
}

export default [
  {
    name: 'blur',
    description:
      'the picture has only a third or a fifth of its lines, or is out of focus, for 14 to 18 s, encoded live',
    detector: 'blur',
    parameters: { learning: '25s' },
    variants: Object.keys(blurs),
    suits: ({ picture }) => picture !== undefined,
    inject,
    tolerance: 2,
  },
] satisfies readonly DefectClass[];
