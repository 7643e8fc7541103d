import { expect, test } from 'vitest';
import { costMeasurement } from '../../../bench/cost-measurement.ts';
import { benchFigures as file } from './bench-figures.ts';

test('both designs at each size, one detector with its share of fetching', () => {
  expect(costMeasurement(file)).toMatchObject({
    machine: '2 cores of a processor, Node v24.0.0, ffmpeg 5.1',
    distributed: [
      {
        ...{ width: 1920, height: 1080, frameRate: 30, frameBytes: 500_000 },
        ms: { decode: 90, convert: 700, put: 80, detector: 420 },
      },
    ],
    monitor: [{ width: 1920, height: 1080, frameRate: 30, ms: 111.1 }],
  });
});

test('a run without the distributed baseline is refused', () => {
  expect(() => costMeasurement({ ...file, distributed: {} })).toThrow('distributed');
});
