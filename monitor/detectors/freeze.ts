import { defineDetector } from './contract.ts';
import { StopFinder } from './freeze/abrupt-stop.ts';
import { FullFreeze } from './freeze/full-freeze.ts';
import { RegionFreeze } from './freeze/region-freeze.ts';
import { type FrameTiles, meansSpacing, tileMeans } from './freeze/tiles.ts';

const thresholds = { enter: 0.5, exit: 0.5 };

/**
 * Frozen picture. A source that freezes is still encoded live: every key frame pulses, and at low bit-rates the
 * codec's noise never quite settles, so a test of each frame alone (as in freezedetect) loses the freeze. The
 * differences of a window are judged together instead, after the motion-energy measure of Wolf, "A No Reference
 * and Reduced Reference Metric for Detecting Dropped Video Frames" (VPQM 2009): their median and 80th percentile
 * must be near zero, no part of the picture may move on its own, and the picture must still be the one that the
 * freeze began with. After an abrupt stop more noise is let pass. The limits were measured on source freezes
 * re-encoded at 0.6–6 Mb/s.
 */
export default defineDetector({
  manifest: {
    type: 'freeze',
    title: 'Frozen picture',
    description: 'The picture stands still while it should move.',
    kinds: {
      full: { description: 'the whole picture stands still' },
      region: {
        description: 'a part of the picture stands still, while the rest of it moves on',
        severity: 'warning',
        minDuration: '10s',
      },
    },
    needs: ['reduced'],
    cost: { fixed: 1.7, perMegapixel: 0 },
    defaults: { enabled: true, severity: 'critical', minDuration: '2s' },
    expectable: ['schedule', 'break', 'slate'],
    thresholds,
    parameters: {
      median: {
        type: 'number',
        default: 0.03,
        minimum: 0,
        maximum: 2,
        unit: 'luma levels',
        description: 'Mean difference between frames that half of a window may not exceed.',
      },
      percentile80: {
        type: 'number',
        default: 0.08,
        minimum: 0,
        maximum: 4,
        unit: 'luma levels',
        description: 'The same for four fifths of the window; the rest are key frames.',
      },
    },
  },
  create: (limits, { minDuration }) => {
    let full = new FullFreeze(limits, minDuration, thresholds.enter);
    let stops = new StopFinder();
    let nextMeans = Number.NEGATIVE_INFINITY;
    let region = new RegionFreeze();
    return {
      step(observation) {
        if (observation.type === 'epoch') {
          full = new FullFreeze(limits, minDuration, thresholds.enter);
          stops = new StopFinder();
          region = new RegionFreeze();
          return [{ unknown: observation.hasVideo ? undefined : 'the stream has no video' }];
        }
        if (observation.type !== 'frame') return [];
        const { time, statistics, reduced } = observation;
        if (Number.isNaN(statistics.difference)) return [full.first(time)];
        const differences = statistics.tileDifferences.slice();
        const means = time >= nextMeans ? tileMeans(reduced) : undefined;
        if (means) nextMeans = time + meansSpacing;
        const own: FrameTiles = { differences, means, stop: stops.frame(time, differences, means) };
        return [full.frame(observation, own), region.frame(time, own)];
      },
    };
  },
});
