import type { DefectClass, Injected, InjectionContext } from '../injection.ts';
import { naturalIn, pieceOf, placeEvents } from '../piece.ts';
import { channelIn, decibels, power, powerIn, soundOf, sounds } from '../piece-sound.ts';
import { covered, type Span } from '../spans.ts';
import { codecNames, during, encodeSound, surroundCodecNames } from './sound/codecs.ts';

/** Sound below this many dBFS in the mean is hardly there to be missed. */
const leastLevel = -45;
const channelNames = ['FL', 'FR'];

async function inject(
  { master, variant, random, directory }: InjectionContext,
  {
    length,
    gain,
    lead,
  }: { readonly length: readonly [number, number]; readonly gain: string; readonly lead: number },
): Promise<Injected> {
  const piece = pieceOf(master, random, 60);
  const spans = placeEvents(piece, random, { length: () => random.between(...length), gap: 7, lead });
  const sound = await soundOf(piece);
  const path = await encodeSound(piece, `volume=${gain}:enable='${during(spans)}'`, variant, directory);
  const quiet = naturalIn(piece, 'silence');
  return {
    path,
    seconds: piece.seconds,
    events: spans.map((span) => ({
      span,
      visible: decibels(powerIn(sound, span)) > leastLevel && !mostlyIn(span, quiet),
    })),
    excluded: quiet,
  };
}

async function injectChannel({ master, variant, random, directory }: InjectionContext): Promise<Injected> {
  const piece = pieceOf(master, random, 60);
  const spans = placeEvents(piece, random, { length: () => random.between(4, 8), gap: 7, lead: 4 });
  const channels = spans.map(() => random.whole(0, 1));
  const sound = await soundOf(piece);
  const silenced = channelNames.map((_, channel) => {
    const own = spans.filter((_span, index) => channels[index] === channel);
    return own.length > 0 ? `val(${channel})*not(${during(own)})` : `val(${channel})`;
  });
  const path = await encodeSound(piece, `aeval='${silenced.join('|')}':c=same`, variant, directory);
  const hasSound = (channel: number, span: Span) =>
    decibels(power(channelIn(sound, channel, span))) > leastLevel;
  return {
    path,
    seconds: piece.seconds,
    events: spans.map((span, index) => ({
      span,
      // Beside a silent channel the programme has to go on, or it is silence of the whole.
      visible: hasSound(0, span) && hasSound(1, span) && !mostlyIn(span, naturalIn(piece, 'silence')),
      facts: { channel: channelNames[channels[index] ?? 0] ?? '' },
    })),
    excluded: naturalIn(piece, 'silence'),
  };
}

/** Sound of both channels on all of 5.1, the surround weaker; the bass has no channel to itself that could be lost. */
const spread = 'pan=5.1|FL=FL|FR=FR|FC=0.6*FL+0.6*FR|LFE=0.2*FL+0.2*FR|BL=0.7*FL|BR=0.7*FR';
const surroundNames = ['FL', 'FR', 'FC', 'LFE', 'BL', 'BR'];

async function injectSurround({ master, variant, random, directory }: InjectionContext): Promise<Injected> {
  const piece = pieceOf(master, random, 60);
  const spans = placeEvents(piece, random, { length: () => random.between(9, 14), gap: 7, lead: 4 });
  const lost = spans.map(() => random.pick(surroundNames.filter((name) => name !== 'LFE')));
  const sound = await soundOf(piece);
  const channels = surroundNames.map((name, channel) => {
    const own = spans.filter((_span, index) => lost[index] === name);
    return own.length > 0 ? `val(${channel})*not(${during(own)})` : `val(${channel})`;
  });
  const filter = `${spread},aeval='${channels.join('|')}':c=same`;
  const quiet = naturalIn(piece, 'silence');
  return {
    path: await encodeSound(piece, filter, variant, directory),
    seconds: piece.seconds,
    events: spans.map((span, index) => ({
      span,
      visible:
        [0, sound.channels - 1].every(
          (channel) => decibels(power(channelIn(sound, channel, span))) > leastLevel,
        ) && !mostlyIn(span, quiet),
      facts: { channel: lost[index] ?? '' },
    })),
    excluded: quiet,
  };
}

function mostlyIn(span: Span, quiet: ReturnType<typeof naturalIn>): boolean {
  return covered(span, quiet) > (span[1] - span[0]) / 4;
}

const floor = { recall: 1, precision: 1 };

export default [
  {
    name: 'silence',
    description: 'the sound is cut to nothing for 2 to 6 s before it is encoded',
    detector: 'silence',
    variants: codecNames,
    floor,
    suits: sounds,
    inject: (context) => inject(context, { length: [2, 6], gain: '0', lead: 3 }),
  },
  {
    name: 'low level',
    description: 'the sound is lowered by 60 dB for 12 to 18 s before it is encoded',
    detector: 'silence',
    variants: codecNames,
    floor,
    suits: sounds,
    inject: (context) => inject(context, { length: [12, 18], gain: '-60dB', lead: 3 }),
  },
  {
    name: 'silence of a channel',
    floor: { recall: 1, precision: 1 },
    description: 'one channel of a pair is cut to nothing for 4 to 8 s before it is encoded',
    detector: 'silence',
    variants: codecNames,
    suits: (master) => sounds(master) && master.sound?.channels === 2,
    inject: injectChannel,
    agrees: ({ channel }, { facts }) => channel === facts?.channel,
  },
  {
    name: 'silence of a channel of 5.1',
    description: 'one channel of six, not the bass, is cut to nothing for 9 to 14 s before it is encoded',
    detector: 'silence',
    parameters: { channelDuration: '5s' },
    variants: surroundCodecNames,
    floor,
    suits: sounds,
    inject: injectSurround,
    // AC-3 has its surround at the sides.
    agrees: ({ channel }, { facts }) => channel?.replace(/^S/, 'B') === facts?.channel,
  },
] satisfies readonly DefectClass[];
