/** What it takes the operator to keep thousands of streams, and what becomes of them when something happens. */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { count, list } from '../../cli/options.ts';
import { scalePage } from '../../docs/build/scale-page.ts';
import { revision } from '../accuracy/result-file.ts';
import { root } from '../bench/commands.ts';
import { breaches } from './goals.ts';
import { type PhaseFigures, readScaleFile, type ScaleRun, scaleFileText, withRun } from './scale-file.ts';
import { phases, runScale } from './scale-run.ts';

interface Options {
  readonly streams: number;
  readonly seed: number;
  readonly only?: readonly string[];
  readonly json?: string;
  readonly write?: true;
}

const { streams, seed, only, json, write } = new Command('scale')
  .description('what it takes the operator to keep thousands of streams on a real API server')
  .option('--streams <count>', 'streams that are placed', count, 5_000)
  .option('--seed <number>', 'of all that is left to chance', count, 1)
  .option('--only <phases>', `after placing, only some of ${phases.map(({ name }) => name).join(', ')}`, list)
  .option('--json <file>', 'write the figures there')
  .option('--write', 'write docs/scale.json and docs/scale.md')
  .parse()
  .opts<Options>();

const outcome = await runScale({ streams, seed, phases: chosen(), onPhase: printPhase });
const run: ScaleRun = {
  date: new Date().toISOString().slice(0, 10),
  revision: revision(),
  command: `npm run scale -- --streams ${streams} --seed ${seed}${only ? ` --only ${only.join()}` : ''}`,
  machine: { processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version },
  ...{ seed, streams, shards: outcome.shards, monitors: outcome.monitors, phases: outcome.phases },
};
if (json) await writeFile(json, scaleFileText([run]));
if (write && outcome.failure === undefined) {
  const runs = withRun(await readScaleFile(join(root, 'docs/scale.json')), run);
  await writeFile(join(root, 'docs/scale.json'), scaleFileText(runs));
  await writeFile(join(root, 'docs/scale.md'), scalePage(runs));
}
const found = breaches(streams, outcome);
for (const breach of found) console.log(`BREACH: ${breach}`);
console.log(`seed ${seed}: ${streams} streams on ${outcome.shards} shards, ${found.length} breaches`);
// Whatever still holds a connection open must not hold up the exit.
process.exit(found.length === 0 ? 0 : 1);

/** @throws Error when there is no such phase */
function chosen() {
  const unknown = only?.find((name) => !phases.some((phase) => phase.name === name));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: there is no such phase`);
  return phases.filter(({ name }) => only?.includes(name) ?? true);
}

function printPhase(figures: PhaseFigures): void {
  const { name, seconds, recoverySeconds, writes, writesOf, cpuSeconds, peakMegabytes } = figures;
  const { moved, interrupted, longest } = figures;
  const perHour = name === 'steady' ? ` (${((cpuSeconds / seconds) * 3600).toFixed(0)} s an hour)` : '';
  console.log(
    `${name}: ${seconds.toFixed(1)} s, well ${recoverySeconds.toFixed(1)} s after it; ` +
      `${writes} writes, ${(writes / seconds).toFixed(2)} a second; ` +
      `CPU ${cpuSeconds.toFixed(1)} s${perHour}, peak ${peakMegabytes.toFixed(0)} MiB; ` +
      `${moved} moved; ${interrupted} without owner, for ${longest.toFixed(1)} s at most`,
  );
  console.log(
    `    ${Object.entries(writesOf)
      .map(([what, times]) => `${times} ${what}`)
      .join(', ')}`,
  );
}
