import type { DefectClass, Injected, InjectionContext } from '../injection.ts';
import { naturalIn, pieceOf, placeEvents } from '../piece.ts';
import { channelIn, decibels, type PieceSound, power, powerIn, soundOf, sounds } from '../piece-sound.ts';
import type { Span } from '../spans.ts';
import { codecNames, during, encodeSound } from './sound/codecs.ts';

/** What the detector is told to wait for, and what it needs to know a pair as stereo. */
const monoDuration = '10s';
const stereoSeconds = 14;
/** Seconds over which sound is looked at. */
const block = 0.5;
/** A listener hears width where the difference of the channels is at most this many dB weaker than their sum. */
const mostBelow = 20;
/** Sound below this many dBFS says nothing of its width. */
const leastLevel = -45;

async function inject({ master, variant, random, directory }: InjectionContext): Promise<Injected> {
  const piece = pieceOf(master, random, 60);
  const spans = placeEvents(piece, random, { length: () => random.between(16, 20), gap: 9, lead: 20 });
  const sound = await soundOf(piece);
  const middle = `if(${during(spans)},(val(0)+val(1))/2`;
  const filter = `aeval='${middle},val(0))|${middle},val(1))':c=same`;
  const wide = wideBlocks(sound, piece.seconds);
  const seconds = (span: Span) =>
    wide.filter(([from, to]) => from >= span[0] && to <= span[1]).length * block;
  return {
    path: await encodeSound(piece, spans.length > 0 ? filter : 'anull', variant, directory),
    seconds: piece.seconds,
    events: spans.map((span) => ({
      span,
      visible: seconds(span) > (span[1] - span[0]) / 2 && seconds([0, span[0]]) >= stereoSeconds,
    })),
    excluded: [...naturalIn(piece, 'silence'), ...between(wide, piece.seconds)],
  };
}

function wideBlocks(sound: PieceSound, seconds: number): Span[] {
  return Array.from({ length: Math.floor(seconds / block) }, (_, index): Span => {
    return [index * block, (index + 1) * block];
  }).filter((span) => {
    const [left, right] = [channelIn(sound, 0, span), channelIn(sound, 1, span)];
    const sum = power(left.map((sample, index) => sample + (right[index] ?? 0)));
    const difference = power(left.map((sample, index) => sample - (right[index] ?? 0)));
    return decibels(powerIn(sound, span)) > leastLevel && decibels(difference) > decibels(sum) - mostBelow;
  });
}

/** Where nothing wide is heard for five seconds and more: the programme is in mono by nature. */
function between(wide: readonly Span[], seconds: number): Span[] {
  const edges = [0, ...wide.flat(), seconds];
  return Array.from({ length: edges.length / 2 }, (_, index): Span => {
    return [edges[2 * index] ?? 0, edges[2 * index + 1] ?? seconds];
  }).filter(([from, to]) => to - from >= 5);
}

export default [
  {
    name: 'mono',
    description: 'both channels of a pair that was stereo have the same sound for 16 to 20 s',
    detector: 'phase',
    kinds: ['mono'],
    parameters: { monoDuration },
    variants: codecNames,
    suits: (master) => sounds(master) && master.sound?.channels === 2 && !master.clip.mono,
    inject,
    tolerance: 2,
  },
] satisfies readonly DefectClass[];
