import { expect, test } from 'vitest';
import { benchPage } from '../../../../docs/build/bench-page.ts';
import { benchFileSchema, benchFileText } from '../../../bench/bench-file.ts';
import { benchFigures as file } from './bench-figures.ts';

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

test('the page says which way of dividing the bench set takes less', () => {
  const ratio = (median: number) => ({ median, spread: [median, median] as const });
  const page = benchPage({
    ...file,
    sharing: {
      '1080p': [{ subsets: 2, replicated: ratio(1.6), shared: ratio(1.2) }],
      '480p': [{ subsets: 3, replicated: ratio(1.5), shared: ratio(1.7) }],
    },
  });
  expect(page).toContain('| 1080p | 2 | 1.60 (1.60–1.60) | 1.20 (1.20–1.20) | one for all |');
  expect(page).toContain('| 480p | 3 | 1.50 (1.50–1.50) | 1.70 (1.70–1.70) | a decoding in each |');
});
