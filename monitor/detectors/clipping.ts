import { flatTops } from './clipping/flat-tops.ts';
import { defineDetector, type Judgement } from './contract.ts';
import { ChannelCutter, type SampleBlock } from './listening/channel-cutter.ts';
import { listen } from './listening/listen.ts';

const thresholds = { enter: 0.5, exit: 0.4 };
const blockSeconds = 0.5;
/** Low tones at full scale have flat tops too, but far more samples on the way there. */
const leastSpike = 0.2;
/** Beyond this many times the limit clipping is heard as distortion; loud music is mastered with less. */
const audibleFrom = 10;

/**
 * Clipping, per channel and twice a second: runs of at least three equal samples at the channel's extreme near full
 * scale, which also stand out as a spike at the end of the histogram (Laguna and Lerch, AES 141, 2016). Lossy
 * coding smears flat tops, but what it raises above full scale the decoder cuts off again.
 */
export default defineDetector({
  manifest: {
    type: 'clipping',
    title: 'Clipping',
    description: 'The tops of the sound are cut off at full scale.',
    kinds: { clipped: { description: 'samples stay at the highest or lowest value' } },
    needs: ['audio'],
    cost: { fixed: 1, perMegapixel: 0 },
    defaults: { enabled: true, severity: 'warning', minDuration: '300ms' },
    thresholds,
    parameters: {
      share: {
        type: 'number',
        default: 0.1,
        minimum: 0.001,
        maximum: 50,
        unit: '% of samples',
        description: 'Clipped samples in half a second that are a defect: advisory up to ten times as many.',
      },
    },
  },
  create: ({ share: percent }) => {
    const limit = percent / 100;
    return listen((first) => {
      const cutter = new ChannelCutter(first, blockSeconds);
      const judgeBlock = ({ start, end, channels }: SampleBlock): Judgement[] =>
        channels.map((samples, index) => {
          const { share, spike } = flatTops(samples);
          return {
            time: end,
            since: start,
            kind: 'clipped',
            channel: first.channelNames[index]!,
            score: spike < leastSpike ? 0 : scoreOf(share / limit),
            severity: share >= audibleFrom * limit ? 'warning' : 'info',
          };
        });
      return { hear: (audio) => cutter.cut(audio, judgeBlock) };
    });
  },
});

/** 0.5 at the limit, 0.25 more for each ten times as much. */
function scoreOf(times: number): number {
  return times <= 0 ? 0 : Math.min(1, Math.max(0, thresholds.enter + 0.25 * Math.log10(times)));
}
