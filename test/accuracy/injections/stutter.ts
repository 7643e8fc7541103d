import { join } from 'node:path';
import type { DefectClass, Injected, InjectionContext } from '../injection.ts';
import { encodeLive, naturalIn, pieceOf, placeEvents } from '../piece.ts';
import type { Random } from '../random.ts';
import type { Span } from '../spans.ts';
import { held, leftOut, onFrames } from './still-picture/holding.ts';
import { encodingOf, liveVariants } from './still-picture/live-variant.ts';
import { visiblyHeld } from './still-picture/visibility.ts';

async function inject(
  { master, variant, random, directory }: InjectionContext,
  damage: (holds: readonly Span[], rate: number) => string,
  output: readonly string[] = [],
): Promise<Injected> {
  const piece = pieceOf(master, random, 60);
  const rate = master.picture?.rate ?? 1;
  const lasts = () => random.between(3, 6);
  const stutters = placeEvents(piece, random, { length: lasts, gap: 9, lead: 5 }).map((span) =>
    holdsIn(span, random, rate),
  );
  const path = join(directory, 'stutter.ts');
  const encoding = encodingOf(variant);
  await encodeLive(
    piece,
    {
      ...encoding,
      picture: `[0:v]${damage(stutters.flat(), rate)}[v]`,
      output: [...(encoding.output ?? []), ...output],
    },
    path,
  );
  const visible = await visiblyHeld(piece, stutters, { levels: 4, share: 0.1 });
  return {
    path,
    seconds: piece.seconds,
    events: stutters.map((holds, index) => ({
      span: [holds[0]?.[0] ?? 0, holds.at(-1)?.[1] ?? 0],
      visible: visible[index] ?? false,
    })),
    excluded: [...naturalIn(piece, 'still'), ...naturalIn(piece, 'repeats')],
  };
}

/** Pictures that are shown for 2 to 5 frames instead of one, with 1 to 8 that are as they should be after each. */
function holdsIn([from, to]: Span, random: Random, rate: number): Span[] {
  const holds: Span[] = [];
  for (let start = from; start < to; ) {
    const end = start + random.whole(2, 5) / rate;
    holds.push(onFrames([start, end], rate));
    start = end + random.whole(1, 8) / rate;
  }
  return holds;
}

const suits: DefectClass['suits'] = ({ picture }) => picture !== undefined;

export default [
  {
    name: 'repeated frames',
    description: 'for 3 to 6 s pictures are shown for 2 to 5 frames instead of one, irregularly',
    detector: 'stutter',
    variants: liveVariants,
    suits,
    inject: (context) => inject(context, held),
  },
  {
    name: 'dropped frames',
    description: 'for 3 to 6 s pictures are missing before they are encoded, 1 to 4 at a time, irregularly',
    detector: 'stutter',
    variants: liveVariants,
    suits,
    inject: (context) => inject(context, leftOut, ['-fps_mode', 'passthrough']),
  },
] satisfies readonly DefectClass[];
