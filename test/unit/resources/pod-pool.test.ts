import { describe, expect, it } from 'vitest';
import type { PodInstallation } from '../../../operator/resources/pod-installation.ts';
import { podPoolOf } from '../../../operator/resources/pod-pool.ts';
import { shardDeployment } from '../../../operator/resources/shard-deployment.ts';
import { closedInstallation, installation, streamMonitor, wholePodTemplate } from './installation.ts';

const idOf = (
  spec: object = {},
  pods: PodInstallation = installation,
  secrets: string[] = [],
  name = 'sports',
) => podPoolOf(streamMonitor(spec, name), secrets, pods).id;

describe('podPoolOf', () => {
  it('gives a name that fits into those of shards, pods and labels', () => {
    expect(idOf()).toMatch(/^smon-[0-9a-f]{10}$/);
  });

  it('is one pool for all StreamMonitors whose pods look the same', () => {
    expect(idOf({}, installation, [], 'news')).toBe(idOf());
    expect(idOf({ suspend: true, detectors: { black: { enabled: false } } })).toBe(idOf());
    expect(idOf({ podTemplate: {} })).toBe(idOf());
    expect(idOf({ podTemplate: { labels: {}, nodeSelector: {}, tolerations: [], resources: {} } })).toBe(
      idOf(),
    );
    expect(idOf({ podTemplate: { resources: { requests: { cpu: '2000m', memory: '2Gi' } } } })).toBe(idOf());
    expect(idOf({ sharding: { subsets: [['black'], ['freeze']] } })).toBe(idOf());
    const logo = { name: 'logo', module: 'logo-detector' };
    const other = { ...logo, name: 'other', parameters: { corner: 'top-left' } };
    expect(idOf({ detectors: { custom: [logo] } })).toBe(idOf({ detectors: { custom: [other, logo] } }));
    expect(idOf({ detectors: { custom: [{ ...logo, enabled: false }] } })).toBe(idOf());
    expect(idOf({}, installation, ['b', 'a', 'b'])).toBe(idOf({}, installation, ['a', 'b']));
  });

  it('does not depend on the order of labels', () => {
    const labels = { team: 'sports', tier: 'gold' };
    const reversed = Object.fromEntries(Object.entries(labels).reverse());
    expect(idOf({ podTemplate: { labels: reversed } })).toBe(idOf({ podTemplate: { labels } }));
  });

  it('is another pool with each thing that makes the pods other', () => {
    const each = [
      idOf(),
      ...Object.entries(wholePodTemplate).map(([field, value]) => idOf({ podTemplate: { [field]: value } })),
      idOf({}, installation, ['keys']),
      idOf({}, installation, ['other-keys']),
      idOf({ detectors: { custom: [{ name: 'logo', module: 'a' }] } }),
      idOf({ detectors: { custom: [{ name: 'logo', module: 'b' }] } }),
      idOf({ sharding: { isolation: 'Dedicated' } }),
      idOf({ sharding: { isolation: 'Dedicated' } }, installation, [], 'news'),
      ...(
        [
          { image: 'other' },
          { imagePullPolicy: 'Always' },
          { imagePullSecrets: ['login'] },
          { logLevel: 'debug' },
          { cpu: 1000 },
          { memory: 2 ** 30 },
          { spoolBytes: 2 ** 30 },
          { user: { uid: 1, gid: 1 } },
          { allowedRanges: ['10.0.0.0/8'] },
        ] satisfies Partial<PodInstallation>[]
      ).map((change) => idOf({}, { ...installation, ...change })),
    ];
    expect(new Set(each).size).toBe(each.length);
  });

  it('stays the same pool where only the objects around the pods change', () => {
    const around = {
      nodesVisible: false,
      ingressFrom: [],
      egress: { ...installation.egress, enabled: false },
    };
    expect(idOf({}, { ...installation, ...around })).toBe(idOf());
  });

  it.each([
    [undefined, 2000],
    [{ requests: { cpu: '1500m' }, limits: { cpu: 4 } }, 1500],
    [{ limits: { cpu: 4 } }, 4000],
    [{ requests: { memory: '4Gi' } }, 2000],
  ])('gives a shard with resources %j work for %d ms per second', (resources, cpu) => {
    expect(podPoolOf(streamMonitor({ podTemplate: { resources } }), [], installation).cpu).toBe(cpu);
  });
});

describe('the pods of a pool', () => {
  it('differ by the name of the shard alone', () => {
    const pool = podPoolOf(streamMonitor({ podTemplate: wholePodTemplate }), ['keys'], installation);
    const [first, second] = ['0', '17'].map((n) =>
      JSON.stringify(shardDeployment(pool, `${pool.id}-${n}`, [], installation)),
    );
    expect(second!.replaceAll(`${pool.id}-17`, `${pool.id}-0`)).toBe(first);
  });

  it('mount Secrets whose names are longer than the name of a volume may be', () => {
    const secret = `${'a.'.repeat(120)}b`;
    const pool = podPoolOf(streamMonitor(), [secret], installation);
    const { volumes = [] } = shardDeployment(pool, 'shard', [], installation).spec.template.spec!;
    expect(volumes.find((volume) => volume.secret?.secretName === secret)?.name).toBe('secret-0');
  });

  it('leave user and readable Secrets to the platform where the installation names no user', () => {
    const pool = podPoolOf(streamMonitor(), ['keys'], closedInstallation);
    const { securityContext, volumes } = shardDeployment(pool, 'shard', [], closedInstallation).spec.template
      .spec!;
    expect(securityContext).toEqual({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(volumes?.at(-1)?.secret?.defaultMode).toBe(0o444);
  });
});
