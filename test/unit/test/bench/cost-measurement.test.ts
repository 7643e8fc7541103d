import { expect, test } from 'vitest';
import type { BenchFile } from '../../../bench/bench-file.ts';
import { costMeasurement } from '../../../bench/cost-measurement.ts';

const spread = { median: 1, spread: [1, 1] as const };
const file: BenchFile = {
  date: '2026-01-02',
  revision: 'abc1234',
  command: 'npm run bench --',
  machine: { processor: 'a processor', cores: 2, node: 'v24.0.0', ffmpeg: '5.1' },
  rounds: 3,
  renditions: { '1080p': { width: 1920, height: 1080, videoKilobits: 4500, seconds: 90, cutSeconds: 30 } },
  ratios: {},
  milliseconds: { '1080p': { decode: 90, benchSet: 130 } },
  distributed: {
    '1080p': {
      monolithMilliseconds: 125,
      monolithLimits: { machine: 16 },
      rates: [
        {
          frameRate: 30,
          ratio: spread,
          milliseconds: { converter: 700, put: 80, get: 60, detector: 1200 },
          ...{ putCalls: 30, getCalls: 90, transitions: 3, bytesPerFrame: 500_000 },
          limits: { machine: 1 },
        },
      ],
    },
  },
};

test('both designs at each size, one detector with its share of fetching', () => {
  expect(costMeasurement(file)).toMatchObject({
    machine: '2 cores of a processor, Node v24.0.0, ffmpeg 5.1',
    distributed: [
      {
        ...{ width: 1920, height: 1080, frameRate: 30, frameBytes: 500_000 },
        ms: { decode: 90, convert: 700, put: 80, detector: 420 },
      },
    ],
    monitor: [{ width: 1920, height: 1080, frameRate: 30, ms: 130 }],
  });
});

test('a run without the distributed baseline is refused', () => {
  expect(() => costMeasurement({ ...file, distributed: {} })).toThrow('distributed');
});
