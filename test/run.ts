import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { countTests, findingsOf, formatCounts, sumCounts, type TestCounts } from './test-counts.ts';

interface Phase {
  readonly name: string;
  readonly seconds: number;
  readonly ok: boolean;
  readonly remark?: string;
  readonly counts?: TestCounts;
  /** Tests that a reader has to look at, a line each. */
  readonly findings?: readonly string[];
}

const root = join(import.meta.dirname, '..');
const running = new Set<ChildProcess>();
/** What the tests of a project need beyond the npm packages. */
const setUps = {
  integration: 'test/setup/integration.sh',
  cluster: 'test/setup/cluster.sh',
  chart: 'test/setup/chart.sh',
} as const;

process.exitCode = await main();

async function main(): Promise<number> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort(signal));

  // What cannot be installed is better known now than after the unit tests.
  for (const check of [setUps.integration, setUps.cluster])
    if ((await run(check, ['--check'])) !== 0) return 1;

  const scratch = await mkdtemp(join(tmpdir(), 'streammonitor-test-'));
  try {
    // Downloads and builds go on while lint and the tests that do without them run.
    const integration = setUp('integration');
    const cluster = setUp('cluster');
    const chart = cluster.then(() => setUp('chart'));
    const phases = [await lint(), await vitest('unit', scratch)];
    phases.push(...(await afterSetUp('integration', integration, scratch)));
    phases.push(...(await afterSetUp('cluster', cluster, scratch)));
    phases.push(...(await afterSetUp('chart', chart, scratch)));
    return report(phases);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function setUp(project: keyof typeof setUps): Promise<Phase> {
  return timed(`set-up of ${project}`, () => run(setUps[project], [], { byLine: true }));
}

/** The phases of a set-up that goes on in the background and of the tests that wait for it. */
async function afterSetUp(project: string, settingUp: Promise<Phase>, scratch: string): Promise<Phase[]> {
  const start = performance.now();
  const phase = await settingUp;
  const waited = { ...phase, remark: `in the background; waited for ${secondsSince(start)} s of it` };
  return [waited, phase.ok ? await vitest(project, scratch) : notRun(project, 'set-up failed')];
}

function lint(): Promise<Phase> {
  return timed('lint', async () => {
    const biome = await run('node_modules/.bin/biome', ['check', '.']);
    const tsc = await run('node_modules/.bin/tsc', []);
    return biome || tsc;
  });
}

async function vitest(project: string, scratch: string): Promise<Phase> {
  const file = join(scratch, `${project}.json`);
  let exitCode: number | null = null;
  const phase = await timed(project, async () => {
    exitCode = await run(process.execPath, [
      'node_modules/vitest/vitest.mjs',
      'run',
      // Those that run alone are a project of their own: `integration-busy` beside `integration`.
      `--project=${project}*`,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ]);
    return exitCode;
  });
  const report = await readReport(file);
  const counts = countTests(report, exitCode);
  return { ...phase, ok: phase.ok && counts.failed === 0, counts, findings: findingsOf(report, root) };
}

async function readReport(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function notRun(name: string, remark: string): Phase {
  return { name, seconds: 0, ok: false, remark: `not run: ${remark}`, counts: countTests(undefined, null) };
}

function report(phases: readonly Phase[]): number {
  console.log('\nphase                  seconds  result');
  for (const { name, seconds, ok, counts, remark } of phases) {
    const result = [ok ? 'ok' : 'FAILED', counts && formatCounts(counts), remark].filter(Boolean).join('; ');
    console.log(`${name.padEnd(21)} ${seconds.toFixed(1).padStart(8)}  ${result}`);
  }
  for (const finding of phases.flatMap(({ findings }) => findings ?? [])) console.log(finding);
  console.log(formatCounts(sumCounts(phases.flatMap(({ counts }) => counts ?? []))));
  return phases.every(({ ok }) => ok) ? 0 : 1;
}

async function timed(name: string, work: () => Promise<number | null>): Promise<Phase> {
  console.log(`\n=== ${name} ===`);
  const start = performance.now();
  const exitCode = await work();
  return { name, seconds: (performance.now() - start) / 1000, ok: exitCode === 0 };
}

/** Exit code of the command; `null` when it could not start or was ended by a signal. */
function run(command: string, args: readonly string[], { byLine = false } = {}): Promise<number | null> {
  const child = spawn(command, args, {
    cwd: root,
    // Its own process group, so that everything it started can be ended with it.
    detached: true,
    stdio: byLine ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
  });
  running.add(child);
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', (line) => console.log(line));
  }
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`${command}: ${error.message}`);
      running.delete(child);
      resolve(null);
    });
    child.once('close', (code) => {
      running.delete(child);
      // Whatever a test that crashed has left behind.
      signalGroup(child, 'SIGKILL');
      resolve(code);
    });
  });
}

function abort(signal: NodeJS.Signals): never {
  for (const child of running) signalGroup(child, signal);
  process.exit(130);
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nothing of it is left.
  }
}

function secondsSince(start: number): string {
  return ((performance.now() - start) / 1000).toFixed(0);
}
