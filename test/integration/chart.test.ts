import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { operatorAccess } from '../../operator/resources/rbac.ts';
import { chart, helm, type Manifest, only, render, renderText } from './helm.ts';
import { operatorAccount, operatorLease } from './operator-process.ts';

const cases = readdirSync(join(chart, 'ci')).map((file): [string, object] => [
  file.replace('-values.yaml', ''),
  parse(readFileSync(join(chart, 'ci', file), 'utf8')),
]);
const valuesOf = (name: string) => cases.find(([one]) => one === name)![1];

describe.each(cases)('the chart with %s values', (_, chosen) => {
  it('passes the strict lint', async () => {
    expect(await helm(['lint', '--strict', chart, '-f', '-'], chosen)).toContain('0 chart(s) failed');
  });

  it('renders objects of distinct names, labelled as its own', async () => {
    const objects = await render(chosen);
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace} ${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
    const own = objects.filter(({ metadata }) => metadata.labels?.['helm.sh/chart']);
    expect(objects.length - own.length).toBe((chosen as { extraObjects?: [] }).extraObjects?.length ?? 0);
  });
});

describe('switches', () => {
  const kindsOf = async (name: string) =>
    [...new Set((await render(valuesOf(name))).map(({ kind }) => kind))].sort();

  it('all off leave the operator and what it cannot be without', async () => {
    expect(await kindsOf('least')).toEqual(['ConfigMap', 'Deployment', 'Lease', 'Pod', 'Service']);
  });

  it('are off by default where an add-on of the cluster is needed', async () => {
    const kinds = await kindsOf('default');
    for (const kind of ['PodMonitor', 'ServiceMonitor', 'PrometheusRule']) expect(kinds).not.toContain(kind);
    const { template } = only(await render(), 'Deployment').spec as { template: Manifest };
    expect(template.metadata.annotations).toMatchObject({
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': '8081',
      'prometheus.io/path': '/metrics',
    });
  });

  it('all on bring every dashboard and every rule, and evaluate further objects', async () => {
    const objects = await render(valuesOf('everything'));
    for (const kind of ['PodMonitor', 'ServiceMonitor', 'PrometheusRule']) only(objects, kind);
    const files = (folder: string, end: string) =>
      readdirSync(join(chart, folder)).filter((file) => file.endsWith(end));
    const dashboards = objects.filter(({ metadata }) => metadata.labels?.grafana_dashboard === '1');
    expect(dashboards.flatMap(({ data }) => Object.keys(data as object)).sort()).toEqual(
      files('dashboards', '.json').sort(),
    );
    for (const { data, metadata } of dashboards) {
      const [[file, text]] = Object.entries(data as Record<string, string>) as [[string, string]];
      expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(join(chart, 'dashboards', file), 'utf8')));
      expect(metadata).toMatchObject({ namespace: 'monitoring', annotations: { grafana_folder: 'Video' } });
    }
    const groups = files('rules', '.yaml').flatMap(
      (file) => parse(readFileSync(join(chart, 'rules', file), 'utf8')).groups,
    );
    expect(groups.length).toBeGreaterThan(0);
    expect((only(objects, 'PrometheusRule').spec as { groups: unknown }).groups).toEqual(groups);
    expect(only(objects, 'PriorityClass').description).toBe('Of release stream-monitor.');
    expect(only(objects, 'ConfigMap', 'stream-monitor-note').data).toEqual({
      image: 'registry.example:5000/video/streammonitor',
    });
  });
});

describe('wrong values', () => {
  it.each<[string, object, RegExp]>([
    ['a mistyped key', { replicas: 3 }, /additional properties 'replicas' not allowed/],
    [
      'a mistyped key further down',
      { shards: { coolDwon: '1m' } },
      /'\/shards': additional properties 'coolDwon' not allowed/,
    ],
    [
      'a duration without a unit',
      { shards: { grace: '45' } },
      /'\/shards\/grace': '45' does not match pattern/,
    ],
    [
      'a number where a text belongs',
      { shards: { coolDown: 10 } },
      /'\/shards\/coolDown': got number, want string/,
    ],
    [
      'a share above its bound',
      { shards: { hysteresis: 2 } },
      /'\/shards\/hysteresis': maximum: got 2, want 0\.5/,
    ],
    [
      'a quantity that is none',
      { shards: { memory: '3 GB' } },
      /'\/shards\/memory': '3 GB' does not match pattern/,
    ],
    [
      'a quantity below its bound',
      { shards: { memory: '3Mi' } },
      /shards\.memory must be from 64Mi to 4Ti, but is 3Mi/,
    ],
    [
      'a quantity above its bound',
      { monitor: { spool: '5Ti' } },
      /monitor\.spool must be from 64Mi to 4Ti, but is 5Ti/,
    ],
    [
      'an address without its prefix',
      { monitor: { allowedRanges: ['10.0.0.1'] } },
      /'\/monitor\/allowedRanges\/0': '10\.0\.0\.1' does not match pattern/,
    ],
    [
      'an address that is none',
      { monitor: { egress: { deny: ['10.0.0.256/8'] } } },
      /'\/monitor\/egress\/deny\/0'/,
    ],
    [
      'a peer of another form',
      { monitor: { ingressFrom: [{ namespace: 'monitoring' }] } },
      /'\/monitor\/ingressFrom\/0': additional properties 'namespace' not allowed/,
    ],
    [
      'a peer that is everybody',
      { monitor: { ingressFrom: [{}] } },
      /'\/monitor\/ingressFrom\/0': minProperties/,
    ],
    [
      'a namespace with a dot',
      { watchNamespace: 'live.tv' },
      /'\/watchNamespace': 'live\.tv' does not match pattern/,
    ],
    ['a namespace that is too long', { watchNamespace: 'x'.repeat(64) }, /'\/watchNamespace': maxLength/],
    [
      'a name of a Service with a dot',
      { fullnameOverride: 'a.b' },
      /'\/fullnameOverride': 'a\.b' does not match/,
    ],
    [
      'a name of a Service with a digit first',
      { fullnameOverride: '1a' },
      /'\/fullnameOverride': '1a' does not match/,
    ],
    ['half a name with a dot', { nameOverride: 'a.b' }, /'\/nameOverride': 'a\.b' does not match/],
    [
      'an account with an empty part',
      { serviceAccount: { name: 'a..b' } },
      /'\/serviceAccount\/name': 'a\.\.b' does not match/,
    ],
    [
      'a label that selects the pods',
      { commonLabels: { 'app.kubernetes.io/instance': 'mine' } },
      /'\/commonLabels\/app\.kubernetes\.io~1instance': false schema/,
    ],
    ['no operator', { operator: { replicas: 0 } }, /'\/operator\/replicas': minimum: got 0, want 1/],
    [
      'a level that is not there',
      { operator: { logLevel: 'verbose' } },
      /'\/operator\/logLevel': value must be one of/,
    ],
    [
      'a pull policy that is not there',
      { image: { pullPolicy: 'Sometimes' } },
      /'\/image\/pullPolicy': value must be one of/,
    ],
    [
      'a pull secret as a bare name',
      { imagePullSecrets: ['registry'] },
      /'\/imagePullSecrets\/0': got string, want object/,
    ],
    ['a region that is too long', { region: 'x'.repeat(64) }, /'\/region': maxLength/],
    [
      'a port that is none',
      { networkPolicy: { apiServer: { ports: [0] } } },
      /'\/networkPolicy\/apiServer\/ports\/0': minimum/,
    ],
  ])('%s: named', async (_, wrong, message) => {
    await expect(render(wrong)).rejects.toThrow(message);
  });

  it('names with dots are taken where Kubernetes takes them', async () => {
    const objects = await render({
      serviceAccount: { name: 'video.operator' },
      operator: { priorityClassName: 'live.video' },
      watchNamespace: '24x7',
    });
    expect(only(objects, 'ServiceAccount').metadata.name).toBe('video.operator');
  });

  it('labels of objects cannot be those that the chart writes itself', async () => {
    const { labels = {} } = only(await render(), 'Deployment').metadata;
    expect(Object.keys(labels)).toContain('app.kubernetes.io/instance');
    for (const key of Object.keys(labels))
      await expect(render({ commonLabels: { [key]: 'mine' } }), key).rejects.toThrow(key.replace('/', '~1'));
    const part = { 'app.kubernetes.io/part-of': 'video' };
    expect(only(await render({ commonLabels: part }), 'Deployment').metadata.labels).toMatchObject(part);
  });

  it('a cluster that is too old: named', async () => {
    await expect(render({}, ['--kube-version', '1.28.9'])).rejects.toThrow(
      /requires kubeVersion: >=1\.29\.0-0/,
    );
    expect(await render({}, ['--kube-version', '1.29.0-gke.100'])).not.toEqual([]);
  });
});

describe('rights of the operator', () => {
  const kinds = ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'];
  const essence = (objects: readonly object[]) =>
    (objects as Manifest[])
      .filter(({ kind, metadata }) => kinds.includes(kind) && !/-(view|edit)$/.test(metadata.name))
      .map(({ apiVersion, kind, metadata: { name, namespace }, rules, roleRef, subjects }) => ({
        apiVersion,
        kind,
        name,
        namespace,
        rules,
        roleRef,
        subjects,
      }))
      .sort((a, b) => `${a.kind}${a.name}`.localeCompare(`${b.kind}${b.name}`));

  it.each([
    ['in all of the cluster', undefined],
    ['in one namespace', 'live'],
  ])('%s are those that it is built for', async (_, watched) => {
    const access = operatorAccess({
      ...operatorAccount,
      lease: operatorLease,
      ...(watched !== undefined && { watched: [watched] }),
    });
    const chosen = {
      fullnameOverride: operatorAccount.name,
      ...(watched !== undefined && { watchNamespace: watched }),
    };
    expect(essence(await render(chosen))).toEqual(essence(access));
  });
});

describe('the definition of StreamMonitor', () => {
  const source = readFileSync(
    new URL('../../crds/streammonitor.dev_streammonitors.yaml', import.meta.url),
    'utf8',
  );

  it.each([true, false])('is that of the API, to the byte, with crds.keep %s', async (keep) => {
    const text = await renderText({ crds: { keep } }, ['--show-only', 'templates/crd.yaml']);
    const added =
      /^( {2}name: streammonitors\.streammonitor\.dev\n)( {2}labels:\n(?: {4}.*\n)+)( {2}annotations:\n {4}helm\.sh\/resource-policy: keep\n)?/m;
    expect(added.exec(text)?.[3] !== undefined).toBe(keep);
    const unwrapped = text.replace(/^---\n# Source: .*\n/, '').replace(added, '$1');
    expect(unwrapped.trimEnd()).toBe(source.trimEnd());
  });
});
