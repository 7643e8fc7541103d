import { blackDefaults, blankness, flatDefaults, medianLevel } from './blank/blank-picture.ts';
import { defineDetector, type Judgement } from './contract.ts';

const enter = 0.5;

/**
 * A picture of one colour other than black, as decoders, switchers and encoders show without a source: at least `area`
 * of the samples within `spread` of the median level, which stays the same. Judged by luma alone. What is generated is
 * flat to a level or two, also when it was encoded at a low bit-rate, while a plain wall, a clear sky or a covered lens
 * that a camera has seen shades off over the picture by far more. A card with a line of text has 0.6 % of its samples
 * and more of another level (measured on title cards of films and adverts), so `area` is above that; a logo in a
 * corner is allowed for as behind black. A fade is no flat picture either: its level runs away.
 */
export default defineDetector({
  manifest: {
    type: 'flat',
    title: 'Flat picture',
    description: 'The whole picture has one colour, other than black.',
    kinds: { flat: { description: 'the picture has one colour' } },
    needs: ['reduced'],
    cost: { fixed: 0.1, perMegapixel: 0 },
    defaults: { enabled: true, severity: 'critical', minDuration: '2s' },
    expectable: ['schedule', 'break', 'slate'],
    thresholds: { enter, exit: 0.48 },
    parameters: {
      spread: {
        type: 'number',
        default: flatDefaults.spread,
        minimum: 0,
        maximum: 16,
        unit: 'luma levels',
        description: "How far a sample may be from the picture's median level.",
      },
      area: {
        type: 'number',
        default: flatDefaults.area,
        minimum: 0.5,
        maximum: 1,
        description: 'Share of the picture that must have one colour.',
      },
      logo: {
        type: 'number',
        default: flatDefaults.logo,
        minimum: 0,
        maximum: 0.1,
        description: 'A logo in a corner may take this share of the picture; 0 allows for none.',
      },
    },
  },
  create: ({ spread, area, logo }) => {
    let flat: { readonly since: number; readonly level: number } | undefined;
    return {
      step(observation) {
        if (observation.type === 'epoch') {
          flat = undefined;
          return [{ unknown: observation.hasVideo ? undefined : 'the stream has no video' }];
        }
        if (observation.type !== 'frame') return [];
        const { time } = observation;
        const level = medianLevel(observation);
        const range = { lowest: level - spread, highest: level + spread };
        const { share, blank } = blankness(observation, range, { area, logo });
        // Of another level than the picture that was flat: a fade, or another colour, which begins anew.
        const other = flat !== undefined && Math.abs(level - flat.level) > spread;
        if (!blank || level <= blackDefaults.level) flat = undefined;
        else if (!flat || other) flat = { since: time, level };
        const judgement: Judgement = { time, kind: 'flat', score: 1, area: share };
        if (flat && !other) return [{ ...judgement, since: flat.since }];
        // Below `enter` the score keeps the shape of the share, so that a curve shows how it came about.
        return [{ ...judgement, score: Math.min(0.95, share / area) * enter * 0.95 }];
      },
    };
  },
});
