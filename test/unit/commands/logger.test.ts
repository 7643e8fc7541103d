import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const logger = new URL('../../../monitor/commands/logger.ts', import.meta.url).href;

/** What a process says that logs twice into a file of which the disk takes so many bytes. */
function logged(bytes: number): { readonly said: string; readonly log: string } {
  const directory = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'log');
  const file = openSync(path, 'w');
  const script = `import { createLogger } from '${logger}';
    const logger = createLogger('info');
    for (const line of ['one', 'two']) logger.info(line);
    setTimeout(() => console.log('lives on'), 10);`;
  const command = [`--fsize=${bytes}`, process.execPath, '--input-type=module', '-e', script];
  const { stdout } = spawnSync('prlimit', command, { stdio: ['ignore', 'pipe', file], encoding: 'utf8' });
  closeSync(file);
  return { said: stdout.trim(), log: readFileSync(path, 'utf8') };
}

test('lines are JSON on standard error', () => {
  const { said, log } = logged(10_000);
  expect(said).toBe('lives on');
  expect(
    log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).msg),
  ).toEqual(['one', 'two']);
});

test('a log that cannot be written does not end the process', () => {
  expect(logged(0)).toEqual({ said: 'lives on', log: '' });
});
