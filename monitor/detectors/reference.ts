import { defineDetector, type Judgement, type TrackComparison, type Unknown } from './contract.ts';

const reasons = {
  none: 'the stream has no reference',
  notYet: 'too little of the stream was compared with its reference yet',
} as const;

type Kind = 'picture-mismatch' | 'sound-mismatch';

/**
 * What the stream shows against what its reference shows: another picture, none, or the sound of another programme,
 * while the reference has motion or sound to compare. The score is the share of the reference's last seconds
 * (four of picture, six of sound) that is not found in the stream, of what is usual for the two encodings, at the lag that the track had (or that the
 * other track has). Where neither track was ever found, nobody knows what belongs to what: unknown.
 */
export default defineDetector({
  manifest: {
    type: 'reference',
    title: 'Other than the reference',
    description: 'The stream shows or plays something else than its reference.',
    kinds: {
      'picture-mismatch': { description: 'the picture is not that of the reference' },
      'sound-mismatch': { description: 'the sound is not that of the reference' },
    },
    needs: ['reduced', 'audio', 'reference'],
    cost: { fixed: 0.1, perMegapixel: 0 },
    defaults: { enabled: true, severity: 'warning', minDuration: '2s' },
    thresholds: { enter: 0.75, exit: 0.5 },
    parameters: {},
  },
  create: () => {
    let remark: Unknown | undefined;
    const say = (unknown: string | undefined): Unknown[] => {
      if (remark && remark.unknown === unknown) return [];
      remark = { unknown };
      return [remark];
    };
    return {
      step(observation) {
        if (observation.type === 'epoch')
          return say(observation.hasReference ? reasons.notYet : reasons.none);
        if (observation.type !== 'reference') return [];
        const { time, picture, sound } = observation;
        const judgements = [
          ...judge(time, 'picture-mismatch', picture),
          ...judge(time, 'sound-mismatch', sound),
        ];
        const unknown = picture.unknown ?? sound.unknown ?? reasons.notYet;
        return [...say(judgements.length > 0 ? undefined : unknown), ...judgements];
      },
    };
  },
});

function judge(time: number, kind: Kind, { match }: TrackComparison): Judgement[] {
  return match === undefined ? [] : [{ time, kind, score: 1 - match, source: 'reference' }];
}
