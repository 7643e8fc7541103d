import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** kind itself reads the configuration: it does so before it asks for Docker, which it does not find here. */
let kind: string;
let scratch: string;
const setup = new URL('../setup/kind.sh', import.meta.url).pathname;
const configuration = new URL('kind/cluster.yaml', import.meta.url).pathname;

beforeAll(async () => {
  kind = execFileSync(setup, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
  scratch = await mkdtemp(join(tmpdir(), 'streammonitor-kind-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

function complaint(config: string): string {
  const flags = ['create', 'cluster', '--config', config, '--kubeconfig', join(scratch, 'kubeconfig')];
  const nowhere = { ...process.env, DOCKER_HOST: `unix://${join(scratch, 'docker.sock')}` };
  try {
    return execFileSync(kind, flags, { encoding: 'utf8', env: nowhere, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    return String((error as { stderr: string }).stderr);
  }
}

test('kind accepts the configuration of the cluster', () => {
  const missing = complaint(configuration);
  expect(missing).toMatch(/docker info/);
  expect(missing).not.toMatch(/unable to decode|invalid/i);
});

test('kind refuses one with a wrong field', async () => {
  const wrong = join(scratch, 'wrong.yaml');
  await writeFile(wrong, (await readFile(configuration, 'utf8')).replace('podSubnet', 'podNet'));
  expect(complaint(wrong)).toMatch(/unable to decode config.*podNet/s);
});
