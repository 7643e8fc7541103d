import { expect, test } from 'vitest';
import { scalePage } from '../../../../docs/build/scale-page.ts';
import { breaches } from '../../../scale/goals.ts';
import { type PhaseFigures, type ScaleRun, scaleFileText, withRun } from '../../../scale/scale-file.ts';

const phase = (name: string, figures: Partial<PhaseFigures> = {}): PhaseFigures => ({
  ...{ name, seconds: 10, recoverySeconds: 2, writes: 10, writesOf: { 'update configmaps': 10 } },
  ...{ cpuSeconds: 0.5, peakMegabytes: 256, moved: 0, interrupted: 0, longest: 0 },
  ...figures,
});
const run = (streams: number, date = '2026-01-02'): ScaleRun => ({
  ...{ date, revision: 'abc1234', command: 'npm run scale --', seed: 1, monitors: 3, shards: 4, streams },
  machine: { processor: 'a processor', cores: 2, node: 'v24.0.0' },
  phases: [phase('steady'), phase('lost-nodes', { moved: 7, interrupted: 7, longest: 48.26 })],
});

test('what keeps to the goals is no breach', () => {
  const phases = [phase('steady'), phase('restart', { seconds: 30 })];
  expect(breaches(5_000, { phases, conflicts: [] })).toEqual([]);
});

test('each goal that is missed is told with both figures', () => {
  const phases = [
    phase('place', { peakMegabytes: 300, writes: 10_000 }),
    phase('steady', { writes: 11 }),
    phase('restart', { seconds: 31 }),
  ];
  const outcome = { phases, conflicts: ['one: a and b'], failure: 'new-image: not well after 320 s' };
  expect(breaches(5_000, outcome)).toEqual([
    'new-image: not well after 320 s',
    'two owners at once, 1 times: one: a and b',
    'place: the operator had 300 MiB; the goal is 256',
    'steady: 1.10 writes a second; the goal is 1',
    'restart: 31.0 s; the goal is 30',
  ]);
});

test('beyond the streams of the goals it only has to come to an end, without two owners', () => {
  const phases = [phase('steady', { peakMegabytes: 900 })];
  expect(breaches(5_001, { phases, conflicts: [] })).toEqual([]);
  expect(breaches(5_001, { phases, conflicts: ['one: a and b'] })).toHaveLength(1);
});

test('a run takes the place of the last with as many streams, and stands by its size', () => {
  const runs = withRun(withRun([run(20_000)], run(5_000)), run(20_000, '2026-02-03'));
  expect(runs.map(({ streams, date }) => [streams, date])).toEqual([
    [5_000, '2026-01-02'],
    [20_000, '2026-02-03'],
  ]);
});

test('figures are written to four digits, and what is none is refused', () => {
  const [read] = JSON.parse(scaleFileText([run(5_000)])) as ScaleRun[];
  expect(read!.streams).toBe(5_000);
  expect(read!.phases[1]!.longest).toBe(48.26);
  expect(() => scaleFileText([{ ...run(1), phases: [phase('steady', { seconds: Number.NaN })] }])).toThrow(
    'seconds',
  );
});

test('a page without a run says so', () => {
  expect(scalePage([])).toContain('No run is kept here yet');
  expect(scalePage([run(5_000)])).not.toContain('No run');
});

test('the page has a row for each phase, and the CPU of an hour in which nothing happens', () => {
  const page = scalePage([run(5_000)]);
  expect(page).toContain('## 5000 streams');
  expect(page).toContain('| `lost-nodes` | 10.0 s | 2.0 s | 10 | 1.00 | 0.5 s | 256 MiB | 7 | 7 | 48.3 s |');
  expect(page).toContain('180 s of CPU an hour, 5.0 % of a core');
});
