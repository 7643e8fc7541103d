import type { DefectClass, Injected, InjectionContext } from '../injection.ts';
import { pieceOf, placeEvents } from '../piece.ts';
import { soundOf, sounds } from '../piece-sound.ts';
import { isHeard } from './sound/audibility.ts';
import { during, encodeSound, naturalHoles, withCodecs } from './sound/codecs.ts';

/** Milliseconds of the holes, by variant. */
const lengths: Readonly<Record<string, readonly [number, number]>> = {
  '5 to 20 ms': [5, 20],
  '20 to 100 ms': [20, 100],
  '0.1 to 0.2 s': [100, 200],
  '0.2 to 0.9 s': [200, 900],
};

async function inject({ master, variant, random, directory }: InjectionContext): Promise<Injected> {
  const piece = pieceOf(master, random, 45);
  const [shortest, longest] = lengths[variant.split(', ')[0] ?? ''] ?? [5, 20];
  const length = () => random.between(shortest, longest) / 1000;
  const spans = placeEvents(piece, random, { length, gap: 6, lead: 2 });
  const sound = await soundOf(piece);
  const path = await encodeSound(piece, `aeval='val(ch)*not(${during(spans)})':c=same`, variant, directory);
  return {
    path,
    seconds: piece.seconds,
    events: spans.map((span) => ({ span, visible: isHeard(sound, span) })),
    excluded: naturalHoles(piece),
  };
}

export default [
  {
    name: 'dropout',
    description:
      'the sound is cut to nothing for 5 ms to 0.9 s before it is encoded, where it is loud enough to be missed',
    detector: 'dropout',
    variants: withCodecs(Object.keys(lengths)),
    floor: { recall: 0.75, precision: 1 },
    suits: sounds,
    inject,
    tolerance: 0.15,
    withoutCoverage: true,
  },
] satisfies readonly DefectClass[];
