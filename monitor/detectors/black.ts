import { blackDefaults, blankness } from './blank/blank-picture.ts';
import { defineDetector, type Judgement } from './contract.ts';

const enter = 0.5;

/**
 * Black picture: at least `area` of the samples at or below `level`. Limited-range black is 16
 * (ITU-R BT.709-6 §4.6); four levels above it leave room for noise and dither, as `blackdetect` users settle on.
 * A channel's logo in a corner does not make a picture: what is outside of it must be as black.
 */
export default defineDetector({
  manifest: {
    type: 'black',
    title: 'Black picture',
    description: 'The whole picture is black.',
    kinds: { black: { description: 'the picture is black' } },
    needs: ['reduced'],
    cost: { fixed: 0.5, perMegapixel: 0 },
    defaults: { enabled: true, severity: 'critical', minDuration: '2s' },
    expectable: ['schedule', 'break', 'slate'],
    thresholds: { enter, exit: 0.48 },
    parameters: {
      level: {
        type: 'number',
        default: blackDefaults.level,
        minimum: 0,
        maximum: 64,
        unit: 'luma levels',
        description: 'A sample at or below this level is black; 16 is black in limited range.',
      },
      area: {
        type: 'number',
        default: blackDefaults.area,
        minimum: 0.5,
        maximum: 1,
        description: 'Share of the picture that must be black.',
      },
      logo: {
        type: 'number',
        default: blackDefaults.logo,
        minimum: 0,
        maximum: 0.1,
        description: 'A logo in a corner may take this share of the picture; 0 allows for none.',
      },
    },
  },
  create: ({ level, area, logo }) => {
    let blackSince: number | undefined;
    return {
      step(observation) {
        if (observation.type === 'epoch') {
          blackSince = undefined;
          return [{ unknown: observation.hasVideo ? undefined : 'the stream has no video' }];
        }
        if (observation.type !== 'frame') return [];
        const { share, blank } = blankness(observation, { lowest: 0, highest: level }, { area, logo });
        blackSince = blank ? (blackSince ?? observation.time) : undefined;
        // Below `area` the score keeps the shape of the share, so that a curve shows the fade.
        const score = blank ? 1 : (enter * share) / area;
        const judgement: Judgement = { time: observation.time, kind: 'black', score, area: share };
        return [blackSince === undefined ? judgement : { ...judgement, since: blackSince }];
      },
    };
  },
});
