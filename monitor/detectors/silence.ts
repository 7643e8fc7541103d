import { defineDetector, type Judgement, type Unknown } from './contract.ts';
import { AudioPresence } from './silence/audio-presence.ts';
import { BlockJudge, thresholds } from './silence/block-judge.ts';

/**
 * Silence, judged ten times a second on the RMS of 100 ms blocks: digital silence apart from a low level, the
 * whole programme apart from one channel. −60 dBFS is what silence alarms of broadcast monitors are commonly
 * set to.
 */
export default defineDetector({
  manifest: {
    type: 'silence',
    title: 'Silence',
    description: 'The programme, or a channel that had sound before, is silent.',
    kinds: {
      'digital-zero': { description: 'all samples are zero, or stay at one value' },
      'low-level': { description: 'the sound is below the lowest level' },
      'no-audio': { description: 'no sound arrives although pictures do' },
    },
    needs: ['audio', 'clock'],
    cost: { fixed: 1, perMegapixel: 0 },
    defaults: { enabled: true, severity: 'critical', minDuration: '1s' },
    expectable: ['schedule', 'break', 'slate'],
    thresholds,
    parameters: {
      level: {
        type: 'number',
        default: -60,
        minimum: -90,
        maximum: -20,
        unit: 'dBFS',
        description: 'Sound whose RMS stays below this level is a defect; it is over 6 dB higher.',
      },
      lowLevelDuration: {
        type: 'duration',
        default: '10s',
        minimum: '1s',
        description: 'How long the level must be low; digital silence needs only minDuration.',
      },
      channelDuration: {
        type: 'duration',
        default: '30s',
        minimum: '1s',
        description:
          'How long one of more than two channels must be silent while others have sound; centre and surround channels often are, for a while.',
      },
    },
  },
  create: ({ level, lowLevelDuration, channelDuration }, { minDuration }) => {
    const presence = new AudioPresence(minDuration);
    let judge: BlockJudge | undefined;
    let reason: string | undefined;
    return {
      step(observation) {
        const said: (Judgement | Unknown)[] = [];
        switch (observation.type) {
          case 'epoch':
            judge = undefined;
            presence.begin(observation);
            break;
          case 'clock':
            said.push(...presence.clock(observation));
            break;
          case 'audio':
            if (presence.interrupted(observation)) judge?.meter.skip();
            said.push(...presence.audio(observation));
            if (!judge?.meter.fits(observation)) {
              judge = new BlockJudge(observation, { level, lowLevelDuration, channelDuration, minDuration });
            }
            for (const block of judge.meter.push(observation)) said.push(...judge.step(block));
            break;
        }
        const unknown = presence.unknownAt(observation.time);
        if (unknown !== reason) said.push({ unknown });
        reason = unknown;
        return said;
      },
    };
  },
});
