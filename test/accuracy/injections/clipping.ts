import type { DefectClass, Injected, InjectionContext } from '../injection.ts';
import { pieceOf, placeEvents } from '../piece.ts';
import { channelIn, decibels, type PieceSound, powerIn, soundOf, sounds } from '../piece-sound.ts';
import type { Span } from '../spans.ts';
import { quantile } from '../statistics.ts';
import { encodeSound, withCodecs } from './sound/codecs.ts';

/** Sound below this many dBFS is not driven into clipping: its noise would be. */
const leastLevel = -40;

async function inject({ master, variant, random, directory }: InjectionContext): Promise<Injected> {
  const piece = pieceOf(master, random, 60);
  const spans = placeEvents(piece, random, { length: () => random.between(3, 6), gap: 7, lead: 3 });
  const sound = await soundOf(piece);
  const share = Number.parseFloat(variant) / 100;
  // The rest of the piece keeps away from full scale.
  const gains = spans.map((span) => gainFor(sound, span, share));
  const driven = spans.map(
    ([from, to], index) =>
      `volume=${gains[index]?.toFixed(3)}:enable='between(t,${from.toFixed(4)},${to.toFixed(4)})'`,
  );
  const path = await encodeSound(
    piece,
    ['aformat=sample_fmts=flt', ...driven, 'aformat=sample_fmts=s16'].join(','),
    variant,
    directory,
  );
  return {
    path,
    seconds: piece.seconds,
    events: spans.map((span) => ({ span, visible: decibels(powerIn(sound, span)) > leastLevel })),
    excluded: [],
  };
}

/** By how much the loudest channel has to be raised for this share of its samples to be cut off. */
function gainFor(sound: PieceSound, span: Span, share: number): number {
  const tops = Array.from({ length: sound.channels }, (_, channel) =>
    quantile([...channelIn(sound, channel, span).map(Math.abs)], 1 - share),
  );
  return 1 / Math.max(...tops, 1e-3);
}

export default [
  {
    name: 'clipping',
    floor: { recall: 0.5, precision: 1 },
    description:
      'the sound is driven so far for 3 to 6 s that 1, 3 or 10 % of the samples are cut off, then encoded',
    detector: 'clipping',
    variants: withCodecs(['1 %', '3 %', '10 %'], ['AAC 128k', 'MP2 192k', 'AC-3 192k', 'uncoded']),
    suits: (master) => sounds(master) && !master.clip.clipped,
    inject,
  },
] satisfies readonly DefectClass[];
