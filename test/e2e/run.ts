import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countTests, findingsOf, formatCounts } from '../test-counts.ts';
import { clearCluster } from './start-cluster.ts';

const root = join(import.meta.dirname, '../..');
let vitest: ChildProcess | undefined;

process.exitCode = await main();

/** Runs the end-to-end tests; the last line it prints is the count. */
async function main(): Promise<number> {
  // Interrupted, vitest ends at once and clears up nothing: that is done here.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => vitest?.kill(signal));

  const scratch = await mkdtemp(join(tmpdir(), 'streammonitor-test-'));
  try {
    const file = join(scratch, 'e2e.json');
    const exitCode = await runVitest(file);
    await clearCluster();
    const report = await reportOf(file);
    const counts = countTests(report, exitCode);
    for (const finding of findingsOf(report, root)) console.log(finding);
    console.log(formatCounts(counts));
    return exitCode === 0 && counts.failed === 0 ? 0 : 1;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Exit code; null where a signal ended it. */
function runVitest(file: string): Promise<number | null> {
  vitest = spawn(
    process.execPath,
    [
      ...['node_modules/vitest/vitest.mjs', 'run', '--config=test/e2e/vitest.config.ts', '--root=.'],
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    ],
    // Of its own process group, so that Ctrl-C reaches it by way of this process alone.
    { cwd: root, detached: true, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  return new Promise((resolve) => {
    vitest!.once('error', () => resolve(null));
    vitest!.once('close', resolve);
  });
}

async function reportOf(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}
