import { expect, it, test } from 'vitest';
import { podInstallationOf } from '../../operator/commands/operator-config.ts';
import { networkPolicy } from '../../operator/resources/network-policy.ts';
import { only, operatorSettings, render } from './helm.ts';
import { type Party, type PolicySpec, policyAllows } from './policy-verdict.ts';

const world: Party = { address: '203.0.113.7' };
const pod = (namespace: string, labels: Readonly<Record<string, string>> = {}): Party => ({
  address: '10.244.1.9',
  pod: { namespace, labels },
});
const monitorPod = pod('live', {
  'app.kubernetes.io/name': 'streammonitor',
  'app.kubernetes.io/component': 'monitor',
});
const prometheus = pod('monitoring', { 'app.kubernetes.io/name': 'prometheus' });

/** The wall that the operator of such an installation builds around monitors of the namespace `live`. */
async function monitorWall(values: object): Promise<PolicySpec> {
  const settings = operatorSettings(await render(values));
  const installation = podInstallationOf(settings, {
    image: '',
    nodesVisible: true,
    namespace: 'streammonitor',
  });
  return networkPolicy({ id: 'smon-1', namespace: 'live' }, [], installation).spec as PolicySpec;
}

const operatorWall = async (values: object) => only(await render(values), 'NetworkPolicy').spec as PolicySpec;

/** The wall of an installation that says nothing. */
const standard = await monitorWall({});

const publicAddresses = [
  '203.0.113.7',
  '8.8.8.8',
  '172.32.0.1',
  '192.169.0.1',
  '100.128.0.1',
  '2001:db8::1',
  '2606:4700::1111',
];
const special = {
  'metadata of clouds': ['169.254.169.254', 'fd00:ec2::254', '168.63.129.16', '100.100.100.200'],
  'pods, services and nodes': ['10.244.1.9', '10.96.0.1', '172.16.5.4', '192.168.1.10', 'fd00:10:96::1'],
  'the pod itself': ['127.0.0.1', '0.0.0.0', '::1'],
  'link-local': ['169.254.1.1', 'fe80::1'],
  'IPv4 behind NAT64': ['64:ff9b::a9fe:a9fe', '64:ff9b:1::a9fe:a9fe'],
};

it.each(publicAddresses)('monitors reach %s', (address) => {
  expect(policyAllows(standard, 'live', 'egress', { address }, 443)).toBe(true);
});

it.each(Object.entries(special).flatMap(([what, addresses]) => addresses.map((address) => [what, address])))(
  'monitors do not reach %s: %s',
  (_, address) => {
    for (const port of [80, 443, 8080, 6443])
      expect(policyAllows(standard, 'live', 'egress', { address: address! }, port), `${port}`).toBe(false);
  },
);

test.each<[string, object, [address: string, reached: boolean][]]>([
  [
    'allowedRanges open what streams are on',
    { monitor: { allowedRanges: ['10.20.0.0/16', 'fd00:20::/64'] } },
    [
      ['10.20.3.4', true],
      ['10.21.0.1', false],
      ['fd00:20::5', true],
      ['fd00:21::5', false],
      ['169.254.169.254', false],
    ],
  ],
  [
    'egress.allow opens what webhooks and stores are on',
    { monitor: { egress: { allow: ['192.168.7.0/24'] } } },
    [
      ['192.168.7.1', true],
      ['192.168.8.1', false],
    ],
  ],
  [
    'egress.deny takes the place of the special ranges',
    { monitor: { egress: { deny: ['203.0.113.0/24'] } } },
    [
      ['203.0.113.7', false],
      ['203.0.114.7', true],
      ['10.0.0.1', true],
      ['fd00::1', true],
    ],
  ],
  [
    'without the wall everything is reached',
    { monitor: { egress: { enabled: false } } },
    [
      ['169.254.169.254', true],
      ['10.0.0.1', true],
    ],
  ],
])('%s', async (_, values, verdicts) => {
  const wall = await monitorWall(values);
  for (const [address, reached] of verdicts)
    expect(policyAllows(wall, 'live', 'egress', { address }, 443), address).toBe(reached);
});

test('names are looked up at any resolver, unless they are not', async () => {
  const resolver = pod('kube-system', { 'k8s-app': 'kube-dns' });
  const lookUp = async (values: object, port = 53) =>
    ['UDP', 'TCP'].map(async (protocol) =>
      policyAllows(await monitorWall(values), 'live', 'egress', resolver, port, protocol),
    );
  expect(await Promise.all(await lookUp({}))).toEqual([true, true]);
  expect(await Promise.all(await lookUp({}, 5353))).toEqual([true, true]);
  expect(await Promise.all(await lookUp({}, 5354))).toEqual([false, false]);
  expect(await Promise.all(await lookUp({ monitor: { egress: { dns: false } } }))).toEqual([false, false]);
});

test('with resolvers, the ports of names are open to them alone', async () => {
  const kubeDns = { 'k8s-app': 'kube-dns' };
  const resolvers = [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: kubeDns },
    },
    { ipBlock: { cidr: '169.254.20.10/32' } },
  ];
  const [open, wall] = [standard, await monitorWall({ monitor: { egress: { resolvers } } })];
  for (const [party, isResolver] of [
    [pod('kube-system', kubeDns), true],
    [{ address: '169.254.20.10' }, true],
    [pod('kube-system'), false],
    [pod('live', kubeDns), false],
    [{ address: '169.254.169.254' }, false],
    [{ address: '10.96.0.1' }, false],
  ] as const) {
    expect(policyAllows(open, 'live', 'egress', party, 53, 'UDP')).toBe(true);
    expect(policyAllows(wall, 'live', 'egress', party, 53, 'UDP'), party.address).toBe(isResolver);
    expect(policyAllows(wall, 'live', 'egress', party, 443), party.address).toBe(false);
  }
  expect(policyAllows(wall, 'live', 'egress', world, 443)).toBe(true);
});

test('metrics and reports are for the operator, and for those who are named', async () => {
  const values = {
    monitor: {
      ingressFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
    },
  };
  const operator = pod('streammonitor', { 'app.kubernetes.io/component': 'operator' });
  for (const [chosen, party, admitted] of [
    [{}, operator, true],
    [{}, prometheus, false],
    [{}, pod('live'), false],
    [{}, world, false],
    [values, operator, true],
    [values, prometheus, true],
    [values, pod('elsewhere'), false],
  ] as const) {
    const wall = await monitorWall(chosen);
    expect(policyAllows(wall, 'live', 'ingress', party, 8080)).toBe(admitted);
    expect(policyAllows(wall, 'live', 'ingress', party, 22)).toBe(false);
  }
});

test('the operator reaches the API server, monitors and names, and nothing else', async () => {
  const wall = await operatorWall({});
  const reaches = (party: Party, port: number, protocol = 'TCP', spec = wall) =>
    policyAllows(spec, 'streammonitor', 'egress', party, port, protocol);
  expect(reaches({ address: '10.96.0.1' }, 443)).toBe(true);
  expect(reaches({ address: '192.168.1.10' }, 6443)).toBe(true);
  expect(reaches(monitorPod, 8080)).toBe(true);
  expect(reaches(pod('kube-system'), 53, 'UDP')).toBe(true);
  expect(reaches(pod('live'), 8080)).toBe(false);
  expect(reaches(monitorPod, 22)).toBe(false);
  expect(reaches(world, 80)).toBe(false);

  const narrow = await operatorWall({
    watchNamespace: 'live',
    networkPolicy: { apiServer: { ranges: ['10.1.0.1/32'], ports: [6443] } },
  });
  expect(reaches({ address: '10.1.0.1' }, 6443, 'TCP', narrow)).toBe(true);
  expect(reaches({ address: '10.1.0.1' }, 443, 'TCP', narrow)).toBe(false);
  expect(reaches({ address: '10.1.0.2' }, 6443, 'TCP', narrow)).toBe(false);
  expect(reaches(monitorPod, 8080, 'TCP', narrow)).toBe(true);
  expect(reaches(pod('other', monitorPod.pod!.labels), 8080, 'TCP', narrow)).toBe(false);
});

test('the operator is asked by its own namespace, and by those who are named', async () => {
  const named = {
    monitor: {
      ingressFrom: [{ namespaceSelector: {}, podSelector: { matchLabels: prometheus.pod!.labels } }],
    },
  };
  const asked = async (values: object, party: Party, port = 8081) =>
    policyAllows(await operatorWall(values), 'streammonitor', 'ingress', party, port);
  expect(await asked({}, pod('streammonitor'))).toBe(true);
  expect(await asked({}, pod('streammonitor'), 8080)).toBe(false);
  expect(await asked({}, prometheus)).toBe(false);
  expect(await asked(named, prometheus)).toBe(true);
  expect(await asked(named, pod('monitoring'))).toBe(false);
});
