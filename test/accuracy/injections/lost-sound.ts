import { join } from 'node:path';
import type { DefectClass, Injected, InjectionContext } from '../injection.ts';
import { encodeLive, naturalIn, pieceOf, placeEvents } from '../piece.ts';
import { decibels, powerIn, soundOf, sounds } from '../piece-sound.ts';
import type { Span } from '../spans.ts';
import { isHeard } from './sound/audibility.ts';
import { encodeSound, naturalHoles, withCodecs } from './sound/codecs.ts';

/** Seconds of sound that are lost, by variant. */
const lengths: Readonly<Record<string, readonly [number, number]>> = {
  '0.1 to 0.3 s': [0.1, 0.3],
  '0.3 to 0.9 s': [0.3, 0.9],
};
/** Sound below this many dBFS in the mean is hardly there to be missed. */
const leastLevel = -45;

/** Samples in a packet, at 48 kHz. */
const packetSamples: Readonly<Record<string, number>> = { AAC: 1024, MP2: 1152, 'AC-3': 1536, Opus: 960 };

/** Options that leave out the encoded packets whose sound lies in a span. `codec` begins with its name. */
function without(spans: readonly Span[], codec: string): string[] {
  const samples = packetSamples[codec.split(' ')[0] ?? ''];
  if (samples === undefined) throw new Error(`how many samples a packet of ${codec} has is not known`);
  // By their number: the time base of what the bitstream filter gets depends on the container.
  const number = (time: number) => Math.round((time * 48_000) / samples);
  const within = spans.map(([from, to]) => `between(n,${number(from)},${number(to) - 1})`);
  return spans.length > 0 ? ['-bsf:a', `noise=drop='${within.join('+')}'`] : [];
}

async function loseShortly({ master, variant, random, directory }: InjectionContext): Promise<Injected> {
  const piece = pieceOf(master, random, 45);
  const [length = '', codec = ''] = variant.split(', ');
  const [shortest, longest] = lengths[length] ?? [0.1, 0.3];
  const spans = placeEvents(piece, random, {
    length: () => random.between(shortest, longest),
    ...{ gap: 6, lead: 2 },
  });
  const sound = await soundOf(piece);
  return {
    path: await encodeSound(piece, 'anull', variant, directory, without(spans, codec)),
    seconds: piece.seconds,
    events: spans.map((span) => ({ span, visible: isHeard(sound, span) })),
    excluded: naturalHoles(piece),
  };
}

async function loseLong({ master, variant, random, directory }: InjectionContext): Promise<Injected> {
  const piece = pieceOf(master, random, 45);
  const spans = placeEvents(piece, random, { length: () => random.between(3, 8), gap: 7, lead: 4 });
  const sound = await soundOf(piece);
  const path = join(directory, 'lost.ts');
  const soundCodec =
    variant === 'MP2' ? ['-c:a', 'mp2', '-b:a', '192k', '-ac', '2'] : ['-c:a', 'aac', '-b:a', '128k'];
  await encodeLive(
    piece,
    {
      ...{ megabits: 0.6, gop: random.pick([1, 2]), picture: '[0:v]scale=-2:144[v]', soundCodec },
      output: without(spans, variant),
    },
    path,
  );
  return {
    path,
    seconds: piece.seconds,
    events: spans.map((span) => ({ span, visible: decibels(powerIn(sound, span)) > leastLevel })),
    excluded: naturalIn(piece, 'silence'),
  };
}

export default [
  {
    name: 'lost sound, short',
    description: 'all packets of the sound are lost for 0.1 to 0.9 s, where it is loud enough to be missed',
    detector: 'dropout',
    variants: withCodecs(Object.keys(lengths), ['AAC 128k', 'MP2 192k', 'AC-3 192k', 'Opus 96k']),
    floor: { recall: 1, precision: 1 },
    suits: sounds,
    inject: loseShortly,
    tolerance: 0.15,
    withoutCoverage: true,
  },
  {
    name: 'lost sound',
    description: 'all packets of the sound are lost for 3 to 8 s while the picture goes on, in a recording',
    detector: 'silence',
    variants: ['AAC', 'MP2'],
    floor: { recall: 1, precision: 1 },
    suits: (master) => sounds(master) && master.picture !== undefined,
    inject: loseLong,
  },
] satisfies readonly DefectClass[];
