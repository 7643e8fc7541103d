import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { previousChart } from '../../e2e/previous-chart.ts';

const chart = 'charts/stream-monitor';
let scratch: string;
let origin: string;

const git = (repository: string, ...args: string[]) =>
  execFileSync(
    'git',
    [
      '-C',
      repository,
      '-c',
      'user.name=a',
      '-c',
      'user.email=a@b.example',
      '-c',
      'commit.gpgsign=false',
      ...args,
    ],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );

function commit(version: string): void {
  writeFileSync(join(origin, chart, 'Chart.yaml'), version);
  git(origin, 'add', '.');
  git(origin, 'commit', '--quiet', '-m', version);
}

/** Content of the chart that is upgraded from. */
async function previous(repository = origin): Promise<string> {
  const { path } = await previousChart(mkdtempSync(join(scratch, 'chart-')), repository);
  return readFileSync(join(path, 'Chart.yaml'), 'utf8');
}

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'streammonitor-history-'));
  origin = join(scratch, 'origin');
  mkdirSync(join(origin, chart), { recursive: true });
  git(origin, 'init', '--quiet');
  for (const version of ['first', 'second']) commit(version);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('users upgrade from the first chart, and once there is one from that of the last tag before', async () => {
  expect(await previous()).toBe('first');
  git(origin, 'tag', 'v0.2.0');
  expect(await previous()).toBe('first');
  commit('third');
  expect(await previous()).toBe('second');
  git(origin, 'tag', 'v0.10.0');
  expect(await previous()).toBe('second');
  commit('fourth');
  expect(await previous()).toBe('third');
});

test('a clone without its history is named, with what to do', async () => {
  const shallow = join(scratch, 'shallow');
  git(scratch, 'clone', '--quiet', '--depth=1', `file://${origin}`, shallow);
  await expect(previous(shallow)).rejects.toThrow(/shallow clone.*git fetch --unshallow/);
});
