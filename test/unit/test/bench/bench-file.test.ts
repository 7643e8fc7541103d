import { expect, test } from 'vitest';
import { benchPage } from '../../../../docs/build/bench-page.ts';
import { type BenchFile, benchFileSchema, benchFileText } from '../../../bench/bench-file.ts';

const spread = { median: 1.23456789, spread: [1.1, 1.4] as const };
const file: BenchFile = {
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
          milliseconds: { converter: 700, total: 2000 },
          ...{ putCalls: 30, getCalls: 90, transitions: 3, bytesPerFrame: 500_000 },
          limits: { stateTransitions: 1666, lambdaConcurrency: 500, machine: 1 },
        },
      ],
    },
  },
};

test('figures are written to five digits and read back', () => {
  const read = benchFileSchema.parse(JSON.parse(benchFileText(file)));
  expect(read.ratios['1080p']?.bareDecode).toEqual({ median: 1.2346, spread: [1.1, 1.4] });
});

test('what is no figure is not written', () => {
  expect(() => benchFileText({ ...file, rounds: Number.NaN })).toThrow('rounds');
});

test('the page has the ratios with least and most, and the limits', () => {
  const page = benchPage(file);
  expect(page).toContain(
    '| 1080p | 1.23 (1.10–1.40) | 1.23 (1.10–1.40) | 1.23 (1.10–1.40) | 0.063 (0.050–0.100) |',
  );
  expect(page).toContain('1/16.0 (1/20.0–1/10.0)');
  expect(page).toContain('| 1080p, services, 30 fps | 1666 | 500 | 1 |');
  expect(page).toContain('| 1080p, monolith | – | – | 16 |');
});

test('parts that were not run have no heading', () => {
  const page = benchPage({ ...file, distributed: {} });
  for (const heading of ['Beside services', '## Latency', '## Planning', '## Streams'])
    expect(page).not.toContain(heading);
});
