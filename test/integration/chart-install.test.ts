import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { everyObject, mayDo, objectOf, operatorOfRelease } from './chart-release.ts';
import { type ControlPlane, startControlPlane } from './cluster/control-plane.ts';
import { type FakeNodes, startFakeNodes } from './cluster/fake-nodes.ts';
import { type SimulatedShards, startSimulatedShards } from './cluster/simulated-shards.ts';
import { chart, helm, type Manifest, only, render, renderText } from './helm.ts';
import { type OperatorProcess, operatorLease } from './operator-process.ts';
import { eventually } from './run-process.ts';

const release = 'stream-monitor';
const namespace = 'streammonitor';
const account = { namespace, name: release };
// What the account is refused is to be seen.
const verbose = { operator: { logLevel: 'debug' } };
const chartOf = parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8'));
const [example] = parse(chartOf.annotations['artifacthub.io/crdsExamples']);

let cluster: ControlPlane;
let fake: FakeNodes;
let shards: SimulatedShards;

beforeAll(async () => {
  // The restricted level of Pod Security, for operator and monitors.
  const restricted =
    'pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/warn: restricted';
  const namespaces = [namespace, 'live', 'monitoring'].map(
    (name) => `{apiVersion: v1, kind: Namespace, metadata: {name: ${name}, labels: {${restricted}}}}`,
  );
  cluster = await startControlPlane({ manifests: namespaces.join('\n---\n') });
  fake = await startFakeNodes(cluster);
  shards = await startSimulatedShards(cluster);
});
afterAll(async () => {
  await shards?.stop();
  await fake?.stop();
  await cluster?.stop();
});

/** Helm on the release of these tests. */
const onCluster = (command: string, args: readonly string[] = [], values: object = {}) =>
  helm([command, ...args, '--namespace', namespace, '--kubeconfig', cluster.kubeconfig], values);

const readyMonitor = (name: string, where: string) =>
  eventually(
    `${where}/${name} is watched`,
    async () => /True/.test(await cluster.kubectl(['get', 'smon', name, '-n', where, '--no-headers'])),
    60,
  );

describe('a real API server takes every object', () => {
  const dryRun = [
    'apply',
    '--server-side',
    '--dry-run=server',
    '--validate=strict',
    '--warnings-as-errors',
    '-f',
    '-',
  ];

  it.each(['default', 'least', 'everything'])(
    'of the chart with %s values, without a warning',
    async (name) => {
      if (name === 'everything') {
        await cluster.apply(readFileSync(new URL('prometheus-operator.yaml', import.meta.url), 'utf8'));
        // A pod is admitted only when its priority class is there.
        await cluster.apply(
          '{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: live-video}, value: 1000}',
        );
      }
      if (name !== 'default')
        await cluster.kubectl([
          'create',
          'serviceaccount',
          name === 'least' ? 'operator' : 'watcher-operator',
          '-n',
          namespace,
        ]);
      const text = await renderText(parse(readFileSync(join(chart, 'ci', `${name}-values.yaml`), 'utf8')));
      const answer = await vi.waitFor(() => cluster.kubectl(dryRun, text), {
        timeout: 30_000,
        interval: 500,
      });
      expect(answer.match(/serverside-applied/g)).toHaveLength(text.match(/^kind: /gm)!.length);
    },
  );
});

describe('a release', () => {
  let before: string[];
  let operator: OperatorProcess;
  beforeAll(async () => {
    before = await everyObject(cluster);
  });
  afterAll(() => operator?.stop());

  /** The definition of StreamMonitor stays, as users' objects would go with it. */
  const nothingIsLeft = () =>
    vi.waitFor(
      async () => {
        const definition = 'CustomResourceDefinition <none> streammonitors.streammonitor.dev';
        expect(await everyObject(cluster)).toEqual([...before, definition].sort());
      },
      { timeout: 60_000, interval: 500 },
    );

  it('is refused with a wrong value, and leaves nothing', async () => {
    await expect(
      onCluster('install', [release, chart, '-f', '-'], { shards: { memory: '1Mi' } }),
    ).rejects.toThrow('shards.memory must be from 64Mi to 4Ti');
    await expect(onCluster('install', [release, chart, '-f', '-'], { shrads: {} })).rejects.toThrow(
      "'shrads'",
    );
    expect(await everyObject(cluster)).toEqual(before);
  });

  it('is installed: two pods of the operator run where only restricted pods may', async () => {
    const notes = await onCluster(
      'install',
      [release, chart, '--wait', '--timeout', '90s', '-f', '-'],
      verbose,
    );
    const pods = await cluster.kubectl(['get', 'pods', '-n', namespace, '--no-headers']);
    expect(pods.match(/1\/1 +Running/g)).toHaveLength(2);
    await cluster.kubectl([
      'wait',
      '--for=condition=Established',
      'crd/streammonitors.streammonitor.dev',
      '--timeout=30s',
    ]);

    const [next] = /kubectl apply -n default -f - <<'END'\n[\s\S]*?\n {2}END\s*$/.exec(notes)!;
    await cluster.kubectl(
      ['apply', '-n', 'default', '-f', '-'],
      next.replace(/^.*\n/, '').replace(/ {2}END\s*$/, ''),
    );
    await cluster.kubectl(['delete', 'smon', 'sports', '-n', 'default']);
  });

  it('gives the operator all that it needs', async () => {
    operator = await operatorOfRelease(cluster, account, 'stream-monitor-a');
    await operator.leads();
    await cluster.kubectl(['apply', '-n', 'live', '-f', '-'], JSON.stringify(example));
    await readyMonitor('sports', 'live');
    const managed = await cluster.kubectl([
      ...['get', 'deployment,configmap,pdb,networkpolicy', '-n', 'live', '-o', 'name'],
      ...['-l', 'app.kubernetes.io/managed-by=streammonitor'],
    ]);
    expect(
      managed
        .trim()
        .split('\n')
        .map((line) => line.replace(/\/.*/, ''))
        .sort(),
    ).toEqual([
      'configmap',
      'deployment.apps',
      'networkpolicy.networking.k8s.io',
      'poddisruptionbudget.policy',
    ]);
    expect(operator.refusals).toEqual([]);
    expect(operator.warnings).toEqual([]);
  });

  it('lets it see no Secret, and start no pod itself', async () => {
    const user = `system:serviceaccount:${namespace}:${release}`;
    for (const verb of ['get', 'list', 'watch'])
      expect(await mayDo(cluster, user, verb, 'secrets', 'live')).toBe(false);
    expect(await mayDo(cluster, user, 'create', 'pods', 'live')).toBe(false);
    expect(await mayDo(cluster, user, 'list', 'nodes')).toBe(true);
  });

  it.each([
    ['view', ['get', 'list', 'watch'], ['create', 'patch', 'delete']],
    ['edit', ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'], []],
    ['admin', ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'], []],
  ])('lets those who may %s do so with StreamMonitors', async (role, allowed, refused) => {
    await cluster.kubectl([
      'create',
      'rolebinding',
      `test-${role}`,
      `--clusterrole=${role}`,
      `--user=${role}er`,
      '-n',
      'live',
    ]);
    const can = (verb: string) =>
      mayDo(cluster, `${role}er`, verb, 'streammonitors.streammonitor.dev', 'live');
    await eventually('roles are aggregated', () => can(allowed.at(-1)!), 30);
    for (const verb of allowed) expect(await can(verb), verb).toBe(true);
    for (const verb of refused) expect(await can(verb), verb).toBe(false);
    expect(
      await mayDo(cluster, `${role}er`, 'patch', 'streammonitors/status.streammonitor.dev', 'live'),
    ).toBe(false);
    await cluster.kubectl(['delete', 'rolebinding', `test-${role}`, '-n', 'live']);
  });

  it('is tested by a pod that tells whether the operator is ready', async () => {
    const { spec } = only(await render(), 'Pod') as unknown as {
      spec: { containers: [{ command: [string, ...string[]] }] };
    };
    const [command, ...args] = spec.containers[0].command;
    expect(command).toBe('node');
    const run = promisify(execFile);
    const ask = (url: string) => run(process.execPath, args, { env: { READY_URL: url } });
    const { url } = await operator.get('/readyz');
    expect((await ask(url)).stdout).toBe('200 {"status":"ok"}\n');
    await expect(ask(url.replace('readyz', 'nowhere'))).rejects.toMatchObject({ code: 1 });
    await expect(ask('http://127.0.0.1:1/readyz')).rejects.toMatchObject({ code: 1 });
  });

  it('is upgraded and rolled back: new pods of the operator, and the same StreamMonitors, shards and lead', async () => {
    const standing = async () => ({
      lease: (
        (await objectOf(cluster, 'lease', operatorLease, namespace)) as unknown as {
          spec: { holderIdentity: string; leaseTransitions: number };
        }
      ).spec,
      monitor: (await objectOf(cluster, 'smon', 'sports', 'live')).metadata,
      shards: await cluster.kubectl([
        'get',
        'deployment',
        '-n',
        'live',
        '-o',
        'jsonpath={.items[*].metadata.uid}',
      ]),
    });
    const podTemplate = async () =>
      ((await objectOf(cluster, 'deployment', release, namespace)).spec as { template: Manifest }).template
        .metadata.annotations!['checksum/settings'];
    const settings = async () =>
      parse(
        ((await objectOf(cluster, 'configmap', release, namespace)).data as Record<string, string>)[
          'operator.yaml'
        ]!,
      );
    const [first, template] = [await standing(), await podTemplate()];

    await onCluster('upgrade', [release, chart, '--wait', '--timeout', '90s', '-f', '-'], {
      shards: { streams: 20 },
    });
    expect((await settings()).shards.streams).toBe(20);
    expect(await podTemplate()).not.toBe(template);
    const upgraded = await standing();

    await onCluster('rollback', [release, '1', '--wait', '--timeout', '90s']);
    expect((await settings()).shards.streams).toBe(30);
    expect(await podTemplate()).toBe(template);
    for (const later of [upgraded, await standing()]) {
      expect(later.lease.holderIdentity).toBe('stream-monitor-a');
      expect(later.lease.leaseTransitions).toBe(first.lease.leaseTransitions);
      expect(later.monitor.name).toBe('sports');
      expect(later.shards).toBe(first.shards);
    }
    await readyMonitor('sports', 'live');
    expect(operator.refusals).toEqual([]);
  });

  it('that is uninstalled leaves nothing but the definition, even if the operator has gone first', async () => {
    await operator.stop();
    await cluster.kubectl(['delete', 'smon', '--all', '-A', '--wait']);
    await onCluster('uninstall', [release, '--wait', '--timeout', '90s']);
    await nothingIsLeft();
  });

  it('that serves one namespace is installed over the definition that was kept, with no right beyond', async () => {
    await onCluster('install', [release, chart, '--wait', '--timeout', '90s', '-f', '-'], {
      ...verbose,
      watchNamespace: 'live',
    });
    operator = await operatorOfRelease(cluster, account, 'stream-monitor-b');
    await operator.leads();
    await cluster.kubectl(['apply', '-n', 'live', '-f', '-'], JSON.stringify(example));
    await readyMonitor('sports', 'live');
    expect(operator.refusals).toEqual([]);
    const user = `system:serviceaccount:${namespace}:${release}`;
    for (const [verb, resource] of [
      ['list', 'pods'],
      ['create', 'configmaps'],
      ['list', 'streammonitors.streammonitor.dev'],
    ] as const) {
      expect(await mayDo(cluster, user, verb, resource, 'live'), resource).toBe(true);
      expect(await mayDo(cluster, user, verb, resource, 'default'), resource).toBe(false);
      expect(await mayDo(cluster, user, verb, resource, namespace), resource).toBe(false);
    }
    expect(await mayDo(cluster, user, 'list', 'nodes')).toBe(false);
  });

  it('that is uninstalled first leaves StreamMonitors watched, and they go with all they have', async () => {
    const shardsLeft = () => cluster.kubectl(['get', 'deployment', '-n', 'live', '-o', 'name']);
    const watched = await shardsLeft();
    expect(watched).toMatch(/^deployment\.apps\/smon-/);
    await operator.stop();
    await onCluster('uninstall', [release, '--wait', '--timeout', '90s']);
    expect(await shardsLeft()).toBe(watched);
    await cluster.kubectl(['delete', 'smon', '--all', '-n', 'live']);
    await nothingIsLeft();
  });
});
