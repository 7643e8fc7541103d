import { defineDetector } from './contract.ts';
import { GapJudge } from './dropout/gap-judge.ts';
import { listen } from './listening/listen.ts';

/**
 * Short gaps in sound: a dip with two steep edges, or nothing at all cut out of sound, as when packets of audio are lost
 * or a buffer runs empty. Pauses of speech and the decay of drums have slower edges. What lasts a second and longer is
 * silence. Where a decoder leaves lost sound out instead of playing silence, the hole is the gap. Advisory: electronic
 * music whose notes are cut off by a gate has such gaps on purpose.
 */
export default defineDetector({
  manifest: {
    type: 'dropout',
    title: 'Dropout',
    description: 'The sound is cut off for some milliseconds.',
    kinds: {
      gap: { description: 'a short gap with steep edges, or sound that was lost', minDuration: '0s' },
    },
    needs: ['audio'],
    cost: { fixed: 1, perMegapixel: 0 },
    defaults: { enabled: true, severity: 'info', minDuration: '0s' },
    thresholds: { enter: 0.5, exit: 0.4 },
    parameters: {
      longestGap: {
        type: 'duration',
        default: '1s',
        minimum: '5ms',
        maximum: '1s',
        description: 'Longer gaps are pauses, or silence.',
      },
    },
  },
  create: ({ longestGap }) => listen((first) => new GapJudge(first, longestGap), longestGap),
});
