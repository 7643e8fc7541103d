import type { BenchFile } from '../../../bench/bench-file.ts';

const spread = { median: 1.23456789, spread: [1.1, 1.4] as const };
/** A run of two parts on one size. */
export const benchFigures: BenchFile = {
  date: '2026-01-02',
  revision: 'abc1234',
  command: 'npm run bench --',
  machine: { processor: 'a processor', cores: 2, node: 'v24.0.0', ffmpeg: '5.1' },
  rounds: 3,
  renditions: { '1080p': { width: 1920, height: 1080, videoKilobits: 4500, seconds: 90, cutSeconds: 30 } },
  ratios: {
    '1080p': {
      ...{ bareDecode: spread, nativeFilters: spread, nativeFiltersSmallSet: spread },
      distributed: { median: 0.0625, spread: [0.05, 0.1] },
    },
  },
  milliseconds: { '1080p': { decode: 90, benchSet: 111.1 } },
  distributed: {
    '1080p': {
      monolithMilliseconds: 125,
      monolithLimits: { machine: 16 },
      rates: [
        {
          frameRate: 30,
          ratio: { median: 0.0625, spread: [0.05, 0.1] },
          milliseconds: { converter: 700, put: 80, get: 60, detector: 1200, total: 2000 },
          ...{ putCalls: 30, getCalls: 90, transitions: 3, bytesPerFrame: 500_000 },
          limits: { stateTransitions: 1666, lambdaConcurrency: 500, machine: 1 },
        },
      ],
    },
  },
};
