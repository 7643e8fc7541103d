import { defineDetector } from './contract.ts';
import { listen } from './listening/listen.ts';
import { GatedLoudness } from './loudness/gated-loudness.ts';
import { LoudnessJudge, thresholds } from './loudness/loudness-judge.ts';
import { LoudnessRange } from './loudness/loudness-range.ts';

/** Target loudness, in LUFS: EBU R 128 (2023) and ATSC A/85:2013. */
const targets: Readonly<Record<string, number>> = { 'ebu-r128': -23, 'atsc-a85': -24 };
/** Gating blocks and short-term loudnesses in an hour, one each 100 ms. */
const hour = 36_000;

/**
 * Loudness after ITU-R BS.1770-4 and EBU Tech 3341: momentary (400 ms), short-term (3 s), gated over the last hour
 * of sound, true peak, and the loudness range of EBU Tech 3342 over that hour, which is told and not judged. Advisory: a clip or a scene may be legal where the programme is judged over a day. The
 * last hour goes on through a discontinuity, since a listener's does too.
 */
export default defineDetector({
  manifest: {
    type: 'loudness',
    title: 'Loudness',
    description: 'The programme is louder or quieter than its target, or its true peak too high.',
    kinds: {
      'too-loud': { description: 'the last hour, or the last three seconds by far, is above the target' },
      'too-quiet': { description: 'the last hour is below the target' },
      'true-peak': { description: 'the level between samples is above the limit', minDuration: '0s' },
    },
    needs: ['audio'],
    cost: { fixed: 5, perMegapixel: 0 },
    defaults: { enabled: true, severity: 'info', minDuration: '10s' },
    thresholds,
    parameters: {
      profile: {
        type: 'choice',
        values: ['ebu-r128', 'atsc-a85'],
        default: 'ebu-r128',
        description: 'The target: −23 LUFS of EBU R 128, or −24 LKFS of ATSC A/85.',
      },
      tolerance: {
        type: 'number',
        default: 2,
        minimum: 0.1,
        maximum: 20,
        unit: 'LU',
        description:
          'How far the gated loudness of the last hour may be from the target; known after a minute of sound.',
      },
      shortTermTolerance: {
        type: 'number',
        default: 9,
        minimum: 1,
        maximum: 30,
        unit: 'LU',
        description:
          'How far three seconds may be above the target; 9 LU is the upper end of the EBU +9 scale.',
      },
      truePeak: {
        type: 'number',
        default: -1,
        minimum: -20,
        maximum: 6,
        unit: 'dBTP',
        description: 'Highest true peak; −1 is that of EBU R 128, ATSC A/85 asks for −2.',
      },
    },
  },
  create: ({ profile, tolerance, shortTermTolerance, truePeak }) => {
    const history = new GatedLoudness(hour);
    const range = new LoudnessRange(hour);
    const limits = { target: targets[profile]!, tolerance, shortTermTolerance, truePeak };
    return listen((first) => new LoudnessJudge(first, history, range, limits));
  },
});
