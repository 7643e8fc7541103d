import { expect, test } from 'vitest';
import { breaches } from '../scale/goals.ts';
import { phases, runScale } from '../scale/scale-run.ts';
import { quickSettings } from './operator-process.ts';

const streams = 300;
/** The others wait for a lease of 30 s, or are `operator-leaders.test.ts` and `operator-api-faults.test.ts` at length. */
const names = ['steady', 'flapping', 'grow', 'shrink', 'lost-nodes', 'new-image', 'restart'];

test(`${streams} streams are kept within the goals of npm run scale`, { timeout: 300_000 }, async () => {
  const outcome = await runScale({
    ...{ streams, seed: 1, nodes: 5 },
    phases: phases.filter(({ name }) => names.includes(name)),
    settings: { shards: { ...quickSettings.shards, movesInFlight: 100, movesPerMinute: 100_000 } },
    durations: { quiet: 8, flapping: 10 },
    onPhase: (figures) => console.log(JSON.stringify(figures)),
  });
  expect(breaches(streams, outcome)).toEqual([]);
  const { shards } = outcome;
  const figures = Object.fromEntries(outcome.phases.map((phase) => [phase.name, phase]));
  // A ConfigMap and a Deployment for each shard; a budget and a wall for the pool; a status or two for each
  // StreamMonitor; a word to each pod of a change.
  expect(figures.place!.writesOf['create configmaps']).toBe(shards);
  expect(figures.place!.writes).toBeLessThan(8 * shards + 60);
  const idle = Object.keys(figures.steady!.writesOf).filter((what) => !what.endsWith(' leases'));
  expect(idle).toEqual([]);
  expect(figures.flapping!.moved + figures.grow!.moved + figures.restart!.moved).toBe(0);
  expect(figures.shrink!.moved).toBeLessThanOrEqual(60);
  expect(figures['lost-nodes']!.moved).toBe(figures['lost-nodes']!.interrupted);
  expect(figures['new-image']!.moved).toBe(streams);
  // The one that hands over watches on until the other has taken over.
  expect(figures['new-image']!.longest).toBeLessThan(5);
});
