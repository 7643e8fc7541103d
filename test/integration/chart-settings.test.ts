import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readOperatorConfig } from '../../operator/commands/operator-config.ts';
import { chart, only, operatorSettings, render } from './helm.ts';

const values = parse(readFileSync(join(chart, 'values.yaml'), 'utf8'));
const everything = parse(readFileSync(join(chart, 'ci', 'everything-values.yaml'), 'utf8'));

const scratch = mkdtempSync(join(tmpdir(), 'streammonitor-chart-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Dotted paths of all that is no map. */
function leaves(value: unknown, prefix = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [prefix];
  return Object.entries(value).flatMap(([key, below]) => leaves(below, prefix ? `${prefix}.${key}` : key));
}

describe('settings of the operator', () => {
  it('have the names that the operator knows, each of them', () => {
    const { imagePullPolicy, imagePullSecrets, ...config } = readOperatorConfig(undefined);
    const { shards, monitor, api } = values;
    expect(leaves({ shards, monitor, api }).sort()).toEqual(leaves(config).sort());
  });

  it('have the defaults of the operator', async () => {
    expect(operatorSettings(await render())).toEqual({
      ...readOperatorConfig(undefined),
      image: `streammonitor:${parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8')).appVersion}`,
    });
  });

  it('reach the operator as they were set', async () => {
    const settings = operatorSettings(await render(everything));
    expect(settings).toMatchObject({
      image: `registry.example:5000/video/streammonitor@sha256:${'0123456789abcdef'.repeat(4)}`,
      imagePullPolicy: 'Always',
      imagePullSecrets: ['registry'],
      region: 'eu-west-1',
      shards: {
        cpu: 1.5,
        memory: 2 ** 31,
        streams: 12,
        max: 40,
        warmHeadroom: 1,
        coolDown: 90,
        hysteresis: 0,
      },
      monitor: {
        spool: 1e9,
        user: { uid: 30001, gid: 30002 },
        allowedRanges: ['10.20.0.0/16'],
        egress: {
          enabled: true,
          allow: ['10.30.0.0/24', 'fd00:30::/64'],
          dns: false,
          resolvers: everything.monitor.egress.resolvers,
        },
      },
      api: { qps: 20, burst: 40 },
    });
    // Nothing of what was set is its default: nothing can be lost on the way unseen.
    const defaults = readOperatorConfig(undefined) as Record<string, unknown>;
    const same = leaves(settings).filter((path) => at(settings, path) === at(defaults, path));
    expect(same).toEqual(['monitor.egress.enabled']);
  });

  it.each<[string, unknown[]]>([
    ['shards.cpu', ['100m', '99m', '0.1', 0.05, 2, '256', '256.5', '257', '1k', '2Mi', '-1', '']],
    [
      'shards.memory',
      ['64Mi', '63Mi', '65536Ki', '67108864', 67108864, 3221225472, '3G', '1.5Gi', '4Ti', '4097Gi', '3gb'],
    ],
    ['shards.warmHeadroom', [0, '0', '500m', 300]],
    ['shards.grace', ['45s', '1m30s', '1.5h', '45', 's', '1d', '']],
    ['shards.streams', [1, 0, 1.5, '30']],
    ['shards.hysteresis', [0, 0.5, 0.51, -0.1]],
    ['monitor.spool', ['64Mi', '1Mi', '5T']],
    [
      'monitor.allowedRanges',
      [['10.0.0.0/8', 'fd00::/8', '::ffff:0:0/96'], ['10.0.0.0/33'], ['fd00::/129'], ['example.com']],
    ],
    [
      'monitor.user',
      [
        { uid: 1, gid: 1 },
        { uid: 0, gid: 1 },
      ],
    ],
    ['region', ['eu', 'x'.repeat(64)]],
    ['api.qps', [1, 0, 10.5]],
  ])('%s: what the chart takes the operator takes, and the other way round', async (path, candidates) => {
    const taken = await Promise.all(
      candidates.map(async (value) => {
        const file = join(scratch, `${path}-${candidates.indexOf(value)}.yaml`);
        writeFileSync(file, JSON.stringify(nested(path, value)));
        const byOperator = attempt(() => readOperatorConfig(file));
        const rendered = await render(nested(path, value)).catch((error: Error) => {
          // A template that breaks is not a value that is refused.
          expect(error.message).toContain(path.split('.').at(-1)!);
        });
        if (rendered) expect(operatorSettings(rendered)).toMatchObject(byOperator ?? { refused: value });
        return [value, byOperator !== undefined, rendered !== undefined];
      }),
    );
    expect(taken.filter(([, operator, chart]) => operator !== chart)).toEqual([]);
  });
});

it('the capacity guide sets values that there are', async () => {
  const page = readFileSync(new URL('../../docs/capacity.md', import.meta.url), 'utf8');
  const blocks = [...page.matchAll(/```yaml\n# values of the chart\n([\s\S]*?)```/g)].map(([, block]) =>
    parse(block!),
  );
  expect(blocks).toHaveLength(2);
  const objects = await render(Object.assign({}, ...blocks));
  expect(only(objects, 'PriorityClass').metadata.name).toBe('live-video');
  expect(operatorSettings(objects).shards.warmHeadroom).toBe(4);
});

/** An object with one value at a dotted path. */
function nested(path: string, value: unknown): object {
  return path.split('.').reduceRight((below: unknown, key) => ({ [key]: below }), value) as object;
}

function at(value: unknown, path: string): unknown {
  const found = path
    .split('.')
    .reduce((above: unknown, key) => (above as Record<string, unknown>)?.[key], value);
  return typeof found === 'object' ? JSON.stringify(found) : found;
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
