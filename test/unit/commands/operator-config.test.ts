import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import {
  healthPolicyOf,
  podInstallationOf,
  poolPolicyOf,
  readOperatorConfig,
} from '../../../operator/commands/operator-config.ts';

function written(settings: object | string): string {
  const folder = mkdtempSync(join(tmpdir(), 'operator-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'operator.yaml');
  writeFileSync(path, typeof settings === 'string' ? settings : stringify(settings));
  return path;
}
const place = { image: 'streammonitor:test', nodesVisible: true, namespace: 'monitoring' };

describe('readOperatorConfig', () => {
  it('has a default for everything', () => {
    const config = readOperatorConfig(undefined);
    expect(poolPolicyOf(config)).toMatchObject({ shardCapacity: 2000, streamsPerShard: 30, coolDown: 600 });
    expect(healthPolicyOf(config)).toEqual({ grace: 45, startTimeout: 300 });
    expect(podInstallationOf(config, place)).toMatchObject({
      image: 'streammonitor:test',
      cpu: 2000,
      memory: 3 * 1024 ** 3,
      egress: { enabled: true, dns: true },
    });
  });

  it('takes an empty file for the defaults', () => {
    expect(readOperatorConfig(written({}))).toEqual(readOperatorConfig(undefined));
  });

  it('reads quantities and durations', () => {
    const config = readOperatorConfig(
      written({ shards: { cpu: '1500m', memory: '1Gi', coolDown: '90s' }, image: 'mine:1' }),
    );
    expect(poolPolicyOf(config)).toMatchObject({ shardCapacity: 1500, coolDown: 90 });
    expect(podInstallationOf(config, place)).toMatchObject({ image: 'mine:1', memory: 1024 ** 3 });
  });

  it('refuses what is wrong by name, with the fix', () => {
    const path = written({
      shards: { cpu: 'two', grace: '45', strems: 3 },
      monitor: { allowedRanges: ['10.0'] },
    });
    expect(() => readOperatorConfig(path)).toThrow(
      new RegExp(
        [
          'shards.cpu must be from 100m to 256, written like 100m',
          'shards.grace must be a duration with a unit, such as 30s or 10m',
          'shards.strems is not a field; did you mean streams\\?',
          'monitor.allowedRanges\\[0\\] must be in CIDR form, such as 10.1.0.0/16',
        ]
          .map((line) => `.*${line}`)
          .join('[^]*'),
      ),
    );
  });

  it('names the file that is no YAML, and the place', () => {
    expect(() => readOperatorConfig(written('shards: {cpu: 2'))).toThrow(
      /operator\.yaml: not valid YAML: .* line 1/,
    );
  });

  it('lets in the operator alone, where it knows its namespace', () => {
    const { ingressFrom } = podInstallationOf(readOperatorConfig(undefined), place);
    expect(ingressFrom).toEqual([
      { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } },
    ]);
  });
});

it('every setting stands in the documentation with its default', () => {
  const page = readFileSync(new URL('../../../docs/operator.md', import.meta.url), 'utf8');
  const names = (value: object, prefix = ''): string[] =>
    Object.entries(value).flatMap(([key, inner]) =>
      typeof inner === 'object' && !Array.isArray(inner) && key !== 'user'
        ? names(inner as object, `${prefix}${key}.`)
        : [prefix + key],
    );
  const missing = names(readOperatorConfig(undefined)).filter((name) => !page.includes(`\`${name}\``));
  expect(missing).toEqual([]);
  expect(page).toContain('`image`');
  expect(page).toContain('`region`');
});
