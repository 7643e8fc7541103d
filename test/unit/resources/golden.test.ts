import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type Assignment, parseAssignment } from '../../../crds/assignment.ts';
import { secretNamesOf } from '../../../crds/secret-names.ts';
import type { StreamMonitor } from '../../../crds/stream-monitor.ts';
import { assignmentConfigMap } from '../../../operator/resources/assignment-config-map.ts';
import { networkPolicy } from '../../../operator/resources/network-policy.ts';
import type { Owner } from '../../../operator/resources/owner-references.ts';
import { podDisruptionBudget } from '../../../operator/resources/pod-disruption-budget.ts';
import type { PodInstallation } from '../../../operator/resources/pod-installation.ts';
import { podPoolOf } from '../../../operator/resources/pod-pool.ts';
import { operatorAccess } from '../../../operator/resources/rbac.ts';
import { shardDeployment } from '../../../operator/resources/shard-deployment.ts';
import {
  closedInstallation,
  installation,
  namespacedInstallation,
  streamMonitor,
  wholePodTemplate,
} from './installation.ts';

const folder = new URL('./golden/', import.meta.url);
const secret = (name: string, key: string) => ({ secretKeyRef: { name, key } });

const sports: Owner = { name: 'sports', uid: '5e7c1b7e-0d52-4f43-8f3c-3b7b1c9a1d01' };
const news: Owner = { name: 'news', uid: 'a1f3c0de-91b2-4a77-b7a0-6d1b8f0e2c02' };

/** Everything of a pool with one shard, as the operator writes it. */
function shardObjects(monitor: StreamMonitor, owners: readonly Owner[], pods: PodInstallation): object[] {
  const pool = podPoolOf(monitor, secretNamesOf(monitor.spec, monitor.spec.streams), pods);
  const shard = `${pool.id}-0`;
  return [
    assignmentConfigMap(pool.id, assignment(shard, owners), owners, pool.namespace),
    shardDeployment(pool, shard, owners, pods),
    podDisruptionBudget(pool, owners, pods),
    networkPolicy(pool, owners, pods),
  ];
}

function assignment(shard: string, owners: readonly Owner[]): Assignment {
  const url = 'https://origin.example/ch1/master.m3u8';
  return parseAssignment({
    apiVersion: 'shards.streammonitor.dev/v1alpha1',
    kind: 'Assignment',
    shard,
    generation: 1,
    monitors: Object.fromEntries(
      owners.map(({ name }) => [`live/${name}`, { namespace: 'live', name, detectors: {} }]),
    ),
    streams: owners.map(({ name }) => ({
      monitor: `live/${name}`,
      name: 'channel-1',
      url,
      detectors: ['black'],
    })),
  });
}

const cases: Record<string, () => object[]> = {
  minimal: () => shardObjects(streamMonitor(), [sports], installation),
  'everything-set': () =>
    shardObjects(
      streamMonitor({
        streams: [
          {
            name: 'channel-1',
            urlFrom: secret('live-keys', 'ch1'),
            headersFrom: secret('live-keys', 'headers'),
          },
        ],
        notifications: [{ webhook: { url: 'https://pager.example/', secretFrom: secret('pager', 'key') } }],
        results: { s3: { bucket: 'results', credentialsFrom: secret('s3', 'credentials') } },
        detectors: {
          custom: [
            { name: 'logo', module: 'logo-detector', parameters: { corner: 'top-left' } },
            { name: 'subtitles', module: 'subtitle-detector' },
          ],
        },
        sharding: { isolation: 'Dedicated' },
        podTemplate: wholePodTemplate,
      }),
      [sports],
      installation,
    ),
  'private-origin-namespaced': () => shardObjects(streamMonitor(), [sports, news], namespacedInstallation),
  'empty-values': () =>
    shardObjects(
      streamMonitor({
        podTemplate: {
          annotations: {},
          labels: { bare: '' },
          nodeSelector: {},
          tolerations: [
            { key: 'video', operator: 'Exists', value: '', tolerationSeconds: 0, effect: 'NoExecute' },
          ],
          topologySpreadConstraints: [],
          resources: { requests: { cpu: '1.50', memory: '0.5Gi' }, limits: {} },
        },
      }),
      [],
      closedInstallation,
    ),
  'access-cluster-wide': () =>
    operatorAccess({ name: 'streammonitor', namespace: 'streammonitor', lease: 'streammonitor-operator' }),
  'access-namespaced': () =>
    operatorAccess({
      name: 'streammonitor',
      namespace: 'live',
      lease: 'streammonitor-operator',
      watched: ['live'],
    }),
};

describe('objects as the operator writes them', () => {
  it.each(Object.entries(cases))('%s', (name, objects) => {
    const text = objects()
      .map((object) => stringify(object, { lineWidth: 110, aliasDuplicateObjects: false }))
      .join('---\n');
    const file = new URL(`${name}.yaml`, folder);
    if (process.env.UPDATE_GOLDEN) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, text);
    }
    expect(text, 'differs: look at the change, then UPDATE_GOLDEN=1').toBe(readFileSync(file, 'utf8'));
  });

  it('has no golden file without its case', () => {
    expect(readdirSync(folder).sort()).toEqual(
      Object.keys(cases)
        .map((name) => `${name}.yaml`)
        .sort(),
    );
  });
});
