import { expect, test } from 'vitest';
import { loadFaults } from '../faults/catalogue.ts';
import { runFaults } from '../faults/run.ts';

/** Quick ones, of a process, a path and a sink; `npm run faults` makes all of them. */
const names = ['ffmpeg-killed', 'monitor-killed', 's3-killed'];

test('nothing is lost or left behind by faults', { timeout: 400_000 }, async () => {
  const faults = (await loadFaults()).filter(({ name }) => names.includes(name));
  const { played, ledger } = await runFaults({ faults, runs: names.length, seed: 1 });
  expect(ledger.entries).toEqual([]);
  expect(played.map(({ round }) => round.fault.name).sort()).toEqual(names);
});
