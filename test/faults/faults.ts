import { loadavg } from 'node:os';
import { Command } from 'commander';
import { count, list } from '../../cli/options.ts';
import { loadFaults } from './catalogue.ts';
import type { Fault } from './fault.ts';
import type { Entry } from './ledger.ts';
import { orderOf, type Played, runFaults } from './run.ts';

/** Breaks what StreamMonitor runs on, in an order of the seed, and checks that nothing was lost. */

const { runs, seed, only } = new Command('faults')
  .description('break what StreamMonitor runs on, and check that nothing was lost')
  .option('--runs <count>', 'faults to make', count, 20)
  .option('--seed <number>', 'of all that is left to chance', count, 1 + (Date.now() % 1_000_000))
  .option('--only <names>', 'only these faults, such as ffmpeg-killed,s3-frozen', list)
  .parse()
  .opts<{ runs: number; seed: number; only?: string[] }>();
const faults = chosen(await loadFaults(), only);
const order = orderOf(faults, runs, seed);
console.log(`seed ${seed}: ${runs} faults; the same again: npm run faults -- --runs ${runs} --seed ${seed}`);

const { played, ledger } = await runFaults({ faults, runs, seed, onRound: printRound });
console.log(`\n${table(played)}\n`);
for (const entry of ledger.entries) console.log(textOf(entry));
const { breaches } = ledger;
console.log(`seed ${seed}: ${played.length} faults, ${breaches.length} breaches`);
process.exit(breaches.length === 0 && played.length === runs ? 0 : 1);

/** @throws Error when there is no such fault */
function chosen(all: readonly Fault[], names: readonly string[] | undefined): Fault[] {
  const wanted = all.filter(({ name }) => names?.includes(name) ?? true);
  if (wanted.length < (names?.length ?? 1))
    throw new Error(
      `--only ${names?.join()}: there is no such fault; there are ${all.map(({ name }) => name).join(', ')}`,
    );
  return wanted;
}

function printRound(one: Played, entries: readonly Entry[]): void {
  const { round, unwatched } = one;
  const seconds = ((Date.now() - round.begunAt) / 1000).toFixed(0);
  console.log(
    `${String(round.number).padStart(3)}  ${round.fault.name}: ${round.what}; unwatched ${unwatched.toFixed(1)} s; ${seconds} s, load ${loadavg()[0]!.toFixed(1)}`,
  );
  for (const entry of entries) console.log(`     ${textOf(entry)}`);
}

function textOf({ check, expected, found, allowed, round }: Entry): string {
  const where = round === undefined ? '' : `, fault ${round} (${order[round - 1]!.name})`;
  return `${allowed ? 'lost, as allowed' : 'BREACH'}: seed ${seed}${where}: ${check}: expected ${expected}; found ${found}`;
}

function table(all: readonly Played[]): string {
  const rows = all.map(({ round, unwatched }) => {
    const { number, fault, what, healedAt, struckAt } = round;
    const of = ledger.of(round);
    const verdict = of.some(({ allowed }) => !allowed) ? 'BREACH' : of.length > 0 ? 'as allowed' : 'kept';
    return [
      ...[String(number), fault.name, what, `${((healedAt - struckAt) / 1000).toFixed(1)} s`],
      ...[`${unwatched.toFixed(1)} s`, `${fault.bound} s`, verdict],
    ];
  });
  const head = ['', 'fault', 'what', 'lasted', 'unwatched', 'bound', 'promise'];
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
