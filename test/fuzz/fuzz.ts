import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { count } from '../../cli/options.ts';
import { fuzzShard } from './hostile-shard.ts';
import { type FuzzFinding, fuzzParser } from './parsers.ts';
import { makeSamples } from './samples.ts';
import { targets } from './targets.ts';

/**
 * `npm run fuzz -- --runs N --seed S [--only TARGET]`: N hostile inputs, shared out among the readers. Each finding is
 * written to a file that is called by target, seed and number. With `--only shard`, N hostile streams in a real shard
 * beside healthy ones. Exit status 1 where there is any finding.
 */
const { seed, ...values } = new Command('fuzz')
  .description('give hostile inputs to all that reads what others send')
  .option('--runs <count>', 'inputs, or hostile streams', count, 10_000)
  .option('--seed <number>', 'of all that is left to chance', count, 1 + (Date.now() % 1_000_000))
  .option('--only <target>', 'only this reader, or shard')
  .option('--findings <dir>', 'folder for what was found', 'fuzz-findings')
  .parse()
  .opts<{ runs: number; seed: number; only?: string; findings: string }>();
if (values.only === 'shard') await hostileStreams(values.runs);
const chosen = targets.filter(({ name }) => values.only === undefined || name === values.only);
if (chosen.length === 0) {
  console.error(`--only: one of shard, ${targets.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const samples = makeSamples();
const each = Math.ceil(values.runs / chosen.length);
console.log(`seed ${seed}`);
console.log('target              inputs   a minute  slowest ms  findings');
let findings = 0;
let inputs = 0;
for (const target of chosen) {
  const began = performance.now();
  const result = await fuzzParser(target, { seed, runs: each, samples });
  const minutes = (performance.now() - began) / 60_000;
  inputs += result.runs;
  findings += result.findings.length;
  const numbers = [
    each,
    Math.round(each / minutes),
    Math.round(result.slowestMilliseconds),
    result.findings.length,
  ];
  console.log(target.name.padEnd(18) + numbers.map((number) => String(number).padStart(10)).join(''));
  for (const finding of result.findings) tell(finding);
}
console.log(`${inputs} inputs, ${findings} findings`);
process.exit(findings > 0 ? 1 : 0);

function tell({ target, index, kind, error, input }: FuzzFinding): void {
  mkdirSync(values.findings, { recursive: true });
  const file = join(values.findings, `${target}-${seed}-${index}`);
  writeFileSync(file, input);
  console.log(
    `  ${kind}: ${error.split('\n').slice(0, 3).join(' ')}\n  input ${index}, ${input.length} bytes: ${file}`,
  );
}

async function hostileStreams(runs: number): Promise<never> {
  console.log(`seed ${seed}`);
  const result = await fuzzShard({ seed, runs, samples: makeSamples() });
  console.log(`${result.streams} hostile streams: ${JSON.stringify(result.reasons)}`);
  console.log(`slowest answer ${result.slowestAnswer} ms, most memory ${result.residentMiB} MiB`);
  for (const breach of result.breaches) console.log(`  ${breach}`);
  process.exit(result.breaches.length > 0 ? 1 : 0);
}
