import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { eventually } from '../integration/run-process.ts';
import { commandsIn, paste, sectionOf } from './documented-commands.ts';
import { Kubernetes } from './kubernetes.ts';

/** What a new user does who has the image, a cluster and a folder with this repository, and pastes what is printed. */
let kubernetes: Kubernetes;
let folder: string;

beforeAll(async () => {
  kubernetes = await Kubernetes.connect(inject('kubeconfig'));
  folder = await mkdtemp(join(tmpdir(), 'streammonitor-e2e-'));
  await symlink(fileURLToPath(new URL('../../charts', import.meta.url)), join(folder, 'charts'));
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  await writeFile(join(folder, 'live.yaml'), /```yaml\n(.*?)```/s.exec(readme)![1]!);
});
afterAll(async () => {
  await kubernetes?.close();
  await rm(folder, { recursive: true, force: true });
});

const pasted = (line: string) => paste(line, folder, inject('kubeconfig'));

async function ready(): Promise<void> {
  await pasted('kubectl rollout status deployment/stream-monitor -n streammonitor --timeout=3m');
}

test("the README's commands install, apply, show and widen", async () => {
  const [install, apply, get, widen, ...others] = commandsIn(await sectionOf('README.md', 'On Kubernetes'));
  expect(others).toEqual([]);

  expect(await pasted(install!)).toContain('STATUS: deployed');
  expect(await pasted(apply!)).toContain('streammonitor.streammonitor.dev/sports created');
  await ready();
  // The operator counts the one stream, whose example of an origin nobody answers at.
  const row = await eventually(
    'kubectl get shows the stream',
    async () => (await pasted(get!)).split('\n').find((line) => /^sports\s+\S*\s+1\s/.test(line)),
    120,
  );
  console.info(`${get}: ${row}`);
  expect(await pasted(widen!)).toContain('STATUS: deployed');
  await ready();
  await eventually(
    'monitors may connect to the range',
    async () => (await pasted('kubectl get networkpolicies -o yaml')).includes('10.20.0.0/16'),
    60,
  );
});

test("the chart's commands test, remove, and leave nothing", async () => {
  const page = 'charts/stream-monitor/README.md';
  const [, helmTest] = /`(helm test [^`]+)`/.exec(await sectionOf(page, 'Install'))!;
  expect(await pasted(helmTest!)).toMatch(/Phase:\s+Succeeded/);

  const section = await sectionOf(page, 'Upgrade and uninstall');
  const [deleteMonitors, uninstall] = commandsIn(section);
  expect(await pasted(deleteMonitors!)).toContain('"sports" deleted');
  expect(await pasted(uninstall!)).toContain('uninstalled');
  const [, deleteDefinition] = /`(kubectl delete crd [^`]+)`/.exec(section)!;
  await pasted(deleteDefinition!);
  await pasted('kubectl delete namespace streammonitor --timeout=90s');
  const left = 'kubectl get all,cm,netpol,pdb -A -l app.kubernetes.io/name=streammonitor -o name';
  // A pod that ends puts its results in the bucket first.
  await eventually('nothing is left', async () => (await pasted(left)) === '', 60);
});
