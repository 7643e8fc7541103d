import { type ClockObservation, defineDetector } from './contract.ts';
import { Arrival } from './stall/arrival.ts';
import { PictureTimes } from './stall/picture-times.ts';
import { thresholds } from './stall/thresholds.ts';

/**
 * Pictures that do not come: none at all, fewer than usual, or with a hole in their timestamps. The last is the
 * only sign that frames were lost where a source is read as fast as it can be, such as a file.
 */
export default defineDetector({
  manifest: {
    type: 'stall',
    title: 'Stall',
    description: 'Pictures stop coming, come at a lower rate than usual, or skip.',
    kinds: {
      'no-frames': { description: 'no picture arrives (no sound, for streams without pictures)' },
      'low-frame-rate': { description: 'fewer pictures a second than usual', severity: 'warning' },
      'timestamp-jump': {
        description: 'the timestamps of the pictures skip some time',
        severity: 'warning',
        minDuration: '0s',
      },
    },
    needs: ['reduced', 'audio', 'clock'],
    cost: { fixed: 0.2, perMegapixel: 0 },
    defaults: { enabled: true, severity: 'critical', minDuration: '2s' },
    thresholds,
    parameters: {
      jump: {
        type: 'duration',
        default: '500ms',
        minimum: '100ms',
        description: 'A skip of the timestamps is a defect from this length on.',
      },
      lowRate: {
        type: 'number',
        default: 0.8,
        minimum: 0.1,
        maximum: 0.95,
        description: "A frame rate below this share of the stream's usual rate is low.",
      },
      lowRateDuration: {
        type: 'duration',
        default: '10s',
        minimum: '2s',
        description: 'How long the frame rate must be low.',
      },
    },
  },
  create: ({ jump, lowRate, lowRateDuration }, { minDuration }) => {
    const arrival = new Arrival(minDuration);
    let pictures = new PictureTimes({ jump, lowRate, lowRateDuration });
    return {
      step(observation) {
        switch (observation.type) {
          case 'epoch':
            pictures = new PictureTimes({ jump, lowRate, lowRateDuration });
            arrival.begin(observation);
            return [];
          case 'clock': {
            const judgements = arrival.clock(observation);
            if (arrival.stalled || allIdle(observation)) pictures.pause(observation.time);
            return judgements;
          }
          case 'audio':
            return arrival.media('audio', observation.time);
          case 'frame':
            return [...arrival.media('video', observation.time), ...pictures.frame(observation)];
          default:
            return [];
        }
      },
    };
  },
});

/** The timeline runs on only while nothing arrives; a track that is alone idle leaves a hole in its timestamps. */
function allIdle({ videoIdle, audioIdle, expectedGap }: ClockObservation): boolean {
  return (videoIdle ?? 0) > expectedGap && (audioIdle ?? Number.POSITIVE_INFINITY) > expectedGap;
}
