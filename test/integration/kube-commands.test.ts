import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Assignment, shardApiVersion } from '../../crds/assignment.ts';
import { resolveDetectors } from '../../crds/detector-settings.ts';
import { streamMonitors } from '../../operator/controllers/cluster-caches.ts';
import type { KubeClient } from '../../operator/kube/kube-client.ts';
import type { KubeConnection } from '../../operator/kube/kube-connection.ts';
import { configMaps, type KubeObject, pods } from '../../operator/kube/resource.ts';
import { assignmentConfigMap } from '../../operator/resources/assignment-config-map.ts';
import { shardLabels } from '../../operator/resources/labels.ts';
import { clusterBinaries } from './cluster/binaries.ts';
import { type ControlPlane, startControlPlane } from './cluster/control-plane.ts';
import { clientOf, connectTo } from './kube-clients.ts';
import { type Sender, startHttpTs, testPattern } from './senders.ts';
import { ShardProcess } from './shard-process.ts';

const bin = fileURLToPath(new URL('../../bin/', import.meta.url));
const definition = new URL('../../crds/streammonitor.dev_streammonitors.yaml', import.meta.url);
const addresses = Object.values(networkInterfaces()).flat();
/** The API server passes nothing on to an address of the loopback network. */
const address = addresses.find((one) => one && !one.internal && one.family === 'IPv4')?.address;
const monitor = { namespace: 'default', name: 'sports' };

let cluster: ControlPlane;
let connection: KubeConnection;
let client: KubeClient;
let sender: Sender;
let shard: ShardProcess;
const ends: (() => Promise<void>)[] = [];

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((settle) => {
    // It is started many times, and half of the time that takes is compiling.
    const cache = join(cluster.directory, 'compile-cache');
    const env = {
      ...{ ...process.env, KUBECONFIG: cluster.kubeconfig, NODE_COMPILE_CACHE: cache },
      ...environment,
    };
    execFile(command, args, { env }, (error, out, err) => {
      settle({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}
const streammonitor = (...args: string[]) => run(join(bin, 'streammonitor'), args);
/** With the plugin on its PATH. */
const kubectl = (...args: string[]) => {
  const { kubectl: command } = clusterBinaries();
  return run(command, args, { PATH: [bin, dirname(process.execPath), process.env.PATH].join(delimiter) });
};

beforeAll(async () => {
  [cluster, sender] = await Promise.all([
    startControlPlane({ scheduler: false, manifests: await readFile(definition, 'utf8') }),
    startHttpTs({ source: testPattern() }),
  ]);
  connection = await connectTo(cluster);
  client = clientOf(connection);
  // The API server serves a new kind a moment after it has taken its definition.
  await vi.waitFor(() => client.list(streamMonitors), { timeout: 30_000, interval: 200 });
  await prepare(sender.url);
});
afterAll(async () => {
  for (const end of ends) await end();
  await sender?.stop();
  await client?.close();
  await connection?.close();
  await cluster?.stop();
});

/** A StreamMonitor with what an operator makes of it, and a real monitor in the place of its pod. */
async function prepare(url: string): Promise<void> {
  await client.create(streamMonitors, {
    metadata: monitor,
    spec: {
      streams: [
        { name: 'channel-1', url: 'https://origin.example/ch1.m3u8' },
        { name: 'channel-2', url: 'https://origin.example/ch2.m3u8' },
        { name: 'final', url: 'https://origin.example/x.m3u8', window: { end: '2026-01-01T00:00:00Z' } },
      ],
      streamsFrom: [{ configMap: { name: 'more' } }],
    },
  } as KubeObject);
  await client.create(configMaps, {
    metadata: { name: 'more', namespace: 'default', labels: { 'streammonitor.dev/streams': 'true' } },
    data: {
      'list.yaml':
        '[{name: listed, url: "https://origin.example/x.m3u8"}, {name: wrong, url: "file:///etc/passwd"}]',
    },
  } as KubeObject);
  const settings = {
    ...monitor,
    detectors: resolveDetectors() as Assignment['monitors'][string]['detectors'],
    notifications: [],
  };
  const placement = {
    ...{ generation: 1, since: '2026-01-01T08:00:00.000Z' },
    ...{ reason: 'the stream is new here', cost: 120 },
  };
  const entry = { monitor: 'default/sports', rendition: 'highest', priority: 50, role: 'owner' } as const;
  const streams = [
    { ...entry, name: 'channel-1', url, detectors: ['black', 'freeze', 'reference'], placement },
    { ...entry, name: 'channel-2', url: 'http://127.0.0.1:1/', detectors: ['black'], placement },
  ];
  const assignment: Assignment = {
    ...{ apiVersion: shardApiVersion, kind: 'Assignment', shard: 'smon-1-0', generation: 3 },
    monitors: { 'default/sports': settings },
    streams,
  };
  await client.create(configMaps, assignmentConfigMap('smon-1', assignment, [], 'default'));
  shard = await ShardProcess.start(
    {
      ...{ name: 'smon-1-0', host: address ?? '127.0.0.1', settings, secrets: '/nowhere' },
      atEnd: (end) => ends.push(end),
    },
    streams,
  );
  await client.create(pods, {
    metadata: { name: 'smon-1-0-abc', namespace: 'default', labels: shardLabels('smon-1', 'smon-1-0') },
    spec: {
      nodeName: 'node-3',
      containers: [{ name: 'monitor', image: 'monitor', ports: [{ containerPort: shard.port }] }],
    },
  } as KubeObject);
  await client.patch(
    pods,
    'smon-1-0-abc',
    'default',
    { status: { phase: 'Running', podIP: address, podIPs: [{ ip: address }] } },
    'status',
  );
  await vi.waitFor(
    async () => {
      const phases = (await shard.streams()).map(({ phase }) => phase);
      expect(phases.sort()).toEqual(['Down', 'Up']);
    },
    { timeout: 20_000, interval: 100 },
  );
}

describe.runIf(address).concurrent('what the pods say', () => {
  it('is a line of top for each stream, what needs attention first', async () => {
    const { code, out, err } = await streammonitor('top');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const lines = out.split('\n').slice(3);
    expect(lines[0]).toMatch(/^default\/sports\/channel-2 +Down +- .* Unreachable: /);
    expect(lines[1]).toMatch(
      /^default\/sports\/listed +Waiting .* no operator has seen the StreamMonitor yet/,
    );
    expect(lines[2]).toMatch(/^default\/sports\/channel-1 +Up +.* \d+ ms\/s +1$/);
    expect(lines[3]).toMatch(/^default\/sports\/final +OutsideWindow/);
  });

  it('is filtered, and JSON for programs', async () => {
    const { out } = await streammonitor('top', '-A', 'sports/channel-1', '--only', 'up', '--json');
    expect(JSON.parse(out)).toMatchObject({
      streams: [
        {
          ...{ namespace: 'default', monitor: 'sports', stream: 'channel-1', state: 'Up', defects: [] },
          unknown: { reference: 'the stream has no reference' },
        },
      ],
    });
  });

  it('is what explain tells of a stream, beside where it is and why', async () => {
    const { code, out, err } = await streammonitor('explain', 'sports/channel-1');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('default/sports/channel-1: on smon-1-0.');
    expect(out).toMatch(/^ {2}Up since .*, Receiving/m);
    expect(out).toMatch(/^ {2}watched for .* behind, \d+ ms CPU per second$/m);
    expect(out).toMatch(
      /^reference +reduced, audio, reference .* cannot tell: the stream has no reference$/m,
    );
    expect(out).toMatch(
      /smon-1-0 {2}owner {2}smon-1-0-abc {2}node-3 {2}2026-01-01T08:00:00\.000Z .* 120 ms\/s/,
    );
  });
});

describe.concurrent('streammonitor explain', () => {
  it('says why streams do not run', async () => {
    const { out } = await streammonitor('explain', '-n', 'default', 'sports');
    expect(out).toContain('default/sports: 4 streams, 240 ms CPU per second');
    expect(out).toMatch(/wrong: ConfigMap more, key list\.yaml, index 1: url /);
    expect(out).toMatch(/final +OutsideWindow .* its window closed at 2026-01-01T00:00:00Z/);
    expect(out).toMatch(/listed +Waiting .* no operator has seen the StreamMonitor yet/);
  });

  it('prints JSON for programs', async () => {
    const { out } = await streammonitor('explain', 'sports/channel-1', '--json');
    expect(JSON.parse(out)).toMatchObject({
      ...{ namespace: 'default', name: 'sports' },
      streams: [
        {
          ...{ name: 'channel-1', state: 'Placed', cost: 120 },
          placements: [{ shard: 'smon-1-0', pod: 'smon-1-0-abc', node: 'node-3', role: 'owner' }],
        },
      ],
    });
  });

  it('ends with 1 for what is not there, with a hint, and with 2 for what cannot be meant', async () => {
    expect(await streammonitor('explain', 'sprots')).toMatchObject({
      code: 1,
      err: 'namespace default has no StreamMonitor sprots; did you mean sports?\n',
    });
    expect((await streammonitor('explain', '-n', 'kube-system', 'sports')).err).toContain(
      'there is one in default: use -n',
    );
    expect((await streammonitor('explain', 'sports/chanel-1')).err).toContain(
      'StreamMonitor default/sports has no stream chanel-1; did you mean channel-1?',
    );
    expect(await streammonitor('explain', 'Sports')).toMatchObject({ code: 2, out: '' });
    expect((await streammonitor('explain', 'sports', '--context', 'nowhere')).err).toContain(
      'has no context "nowhere"',
    );
  });
});

describe.concurrent('kubectl smon', () => {
  it('is found by kubectl, and does the same', async () => {
    const { code, out } = await kubectl('smon', 'explain', 'sports', '-n', 'default');
    expect([code, out.split('\n')[0]]).toEqual([0, 'default/sports: 4 streams, 240 ms CPU per second']);
    const help = await kubectl('smon', 'top', '--help');
    expect(help.out).toContain('Usage: kubectl smon top');
    expect(help.out).toContain('  kubectl smon top -A');
    expect(await kubectl('smon', 'run')).toMatchObject({ code: 2, out: '' });
  });

  it('is completed by kubectl, down to the streams of the cluster', async () => {
    const completed = async (...words: string[]) => {
      const { out } = await kubectl('__complete', 'smon', ...words);
      return out.split('\n').filter((line) => line !== '' && !line.startsWith(':') && !/^_|^Comp/.test(line));
    };
    expect((await completed('')).map((line) => line.split('\t')[0])).toEqual(['top', 'explain', 'help']);
    expect(await completed('explain', '-n', 'default', 's')).toEqual(['sports']);
    expect(await completed('explain', 'sports/ch')).toEqual(['sports/channel-1', 'sports/channel-2']);
    expect(await completed('top', '-n', '')).toEqual(['default']);
    expect(await completed('top', '--context', '')).toEqual(['test']);
  });
});

/** What `top` shows somebody who may list what it takes, and has one more right. */
async function topOfOnlooker(name: string, resource: string, verbs: readonly string[]): Promise<string> {
  const account = { namespace: 'default', name };
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: account };
  const objects = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: account },
    {
      ...{ ...rbac, kind: 'Role' },
      rules: [
        { apiGroups: ['streammonitor.dev'], resources: ['streammonitors'], verbs: ['list'] },
        { apiGroups: [''], resources: ['pods', 'configmaps'], verbs: ['list'] },
        { apiGroups: [''], resources: [resource], verbs },
      ],
    },
    {
      ...{ ...rbac, kind: 'RoleBinding' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', ...account }],
    },
  ];
  await cluster.apply(objects.map((object) => JSON.stringify(object)).join('\n---\n'));
  const environment = { KUBECONFIG: await cluster.kubeconfigFor(account) };
  const { code, out } = await run(join(bin, 'streammonitor'), ['top'], environment);
  expect(code).toBe(0);
  return out;
}

describe.concurrent('who may not ask pods', () => {
  it('is told which right is missing', async () => {
    expect(await topOfOnlooker('onlooker', 'pods', ['list'])).toMatch(
      /channel-1 +Unknown .* ShardSilent: get pods\/proxy default\/smon-1-0-abc: .*forbidden.*; forwarding its port: .*403.*: ask for the right to get pods\/proxy, or to get and create pods\/portforward/,
    );
  });

  it('by the proxy gets through to the kubelet of the pod, which this cluster does not have', async () => {
    const out = await topOfOnlooker('forwarder', 'pods/portforward', ['get', 'create']);
    expect(out).toMatch(/channel-1 +Unknown .* forwarding its port: /);
    expect(out).not.toContain('403');
  });
});
