import type { DefectClass, Injected, InjectionContext } from '../injection.ts';
import { naturalIn, pieceOf, placeEvents } from '../piece.ts';
import { channelIn, decibels, type PieceSound, power, powerIn, soundOf, sounds } from '../piece-sound.ts';
import type { Span } from '../spans.ts';
import { codecNames, during, encodeSound, withCodecs } from './sound/codecs.ts';

/** Who listens in mono misses the sound where its downmix is this many dB weaker. */
const monoLoss = 10;
/** Sound below this many dBFS is too weak for anything to be said of its phase. */
const leastLevel = -45;

async function invert({ master, variant, random, directory }: InjectionContext): Promise<Injected> {
  const piece = pieceOf(master, random, 60);
  const spans = placeEvents(piece, random, { length: () => random.between(8, 12), gap: 9, lead: 4 });
  const sound = await soundOf(piece);
  const filter = `aeval='val(0)|val(1)*(1-2*(${during(spans)}))':c=same`;
  return {
    path: await encodeSound(piece, filter, variant, directory),
    seconds: piece.seconds,
    events: spans.map((span) => ({ span, visible: losesInMono(sound, span) })),
    excluded: naturalIn(piece, 'silence'),
  };
}

function losesInMono(sound: PieceSound, span: Span): boolean {
  const [left, right] = [channelIn(sound, 0, span), channelIn(sound, 1, span)];
  const sum = power(left.map((sample, index) => sample + (right[index] ?? 0)));
  const difference = power(left.map((sample, index) => sample - (right[index] ?? 0)));
  return decibels(powerIn(sound, span)) > leastLevel && decibels(sum) - decibels(difference) > monoLoss;
}

async function offset({ master, variant, random, directory }: InjectionContext): Promise<Injected> {
  const piece = pieceOf(master, random, 60);
  const spans = placeEvents(piece, random, { length: () => random.between(16, 20), gap: 9, lead: 3 });
  const share = Number.parseFloat(variant) / 100;
  return {
    path: await encodeSound(piece, `aeval='val(ch)+${share}*(${during(spans)})':c=same`, variant, directory),
    seconds: piece.seconds,
    events: spans.map((span) => ({ span, visible: true })),
    excluded: [],
  };
}

export default [
  {
    name: 'inverted phase',
    description:
      'one channel of a pair is inverted for 8 to 12 s, which a mono downmix loses 10 dB and more by',
    detector: 'phase',
    kinds: ['inverted'],
    variants: codecNames,
    suits: (master) => sounds(master) && master.sound?.channels === 2,
    inject: invert,
    tolerance: 2,
  },
  {
    name: 'DC offset',
    description: 'all samples are shifted by 2 or 5 % of full scale for 16 to 20 s',
    detector: 'phase',
    kinds: ['dc-offset'],
    variants: withCodecs(['2 %', '5 %'], ['AAC 128k', 'MP2 192k', 'uncoded']),
    suits: sounds,
    inject: offset,
    tolerance: 5,
  },
] satisfies readonly DefectClass[];
