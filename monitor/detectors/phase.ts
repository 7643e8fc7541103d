import { type AudioObservation, defineDetector, type Judgement } from './contract.ts';
import { ChannelCutter, type SampleBlock } from './listening/channel-cutter.ts';
import { type Listener, listen } from './listening/listen.ts';
import { DcJudge } from './phase/dc-judge.ts';
import { blockSeconds, PairJudge, thresholds } from './phase/pair-judge.ts';
import { pairBlock } from './phase/pair-window.ts';

/** Left and right of the layouts that ffmpeg names. */
const pairs = [
  ['FL', 'FR'],
  ['SL', 'SR'],
  ['BL', 'BR'],
] as const;

/**
 * Faults of wiring and routing: a pair whose channels cancel each other (correlation below −0.8 over 3 s, the
 * window of phase meters), one sound on both channels of a pair that was stereo, and a constant offset.
 */
export default defineDetector({
  manifest: {
    type: 'phase',
    title: 'Phase',
    description:
      'The channels of a pair cancel each other, have become one, or a channel has a constant offset.',
    kinds: {
      inverted: { description: 'one channel of a pair has the opposite polarity' },
      mono: { description: 'a pair that was stereo has the same sound on both channels', severity: 'info' },
      'dc-offset': { description: 'the samples of a channel lie off zero' },
    },
    needs: ['audio'],
    cost: { fixed: 1, perMegapixel: 0 },
    defaults: { enabled: true, severity: 'warning', minDuration: '3s' },
    thresholds,
    parameters: {
      monoDuration: {
        type: 'duration',
        default: '60s',
        minimum: '1s',
        description: 'How long a pair that was stereo must have one sound; speech in the middle is legal.',
      },
      dcOffset: {
        type: 'number',
        default: 1,
        minimum: 0.1,
        maximum: 50,
        unit: '% of full scale',
        description: 'Steady offset over ten seconds from which on it is a defect.',
      },
    },
  },
  create: ({ monoDuration, dcOffset }) => {
    return listen((first) => phaseListener(first, monoDuration, dcOffset / 100));
  },
});

function phaseListener(first: AudioObservation, monoDuration: number, dcOffset: number): Listener {
  const { channelNames } = first;
  const cutter = new ChannelCutter(first, blockSeconds);
  const offsets = channelNames.map((name) => new DcJudge(name, dcOffset));
  const judges = pairs.flatMap(([left, right]) => {
    const at = [channelNames.indexOf(left), channelNames.indexOf(right)] as const;
    return at.includes(-1) ? [] : [{ at, judge: new PairJudge(`${left}+${right}`, monoDuration) }];
  });
  const judgeBlock = ({ start, end, channels }: SampleBlock): Judgement[] => [
    ...judges.flatMap(({ at, judge }) =>
      judge.step(pairBlock(start, channels[at[0]]!, channels[at[1]]!), end),
    ),
    ...offsets.map((offset, index) => offset.step(start, end, channels[index]!)),
  ];
  return { hear: (audio) => cutter.cut(audio, judgeBlock) };
}
