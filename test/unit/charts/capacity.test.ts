import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { detectorCatalogue } from '../../../crds/detector-catalogue.ts';
import { parseStreamMonitors } from '../../../crds/stream-monitor-file.ts';
import { declaredCost } from '../../../operator/planner/cost.ts';
import { defaultPolicy } from '../../../operator/planner/pool-policy.ts';

const page = readFileSync(new URL('../../../docs/capacity.md', import.meta.url), 'utf8');
const detectors = Object.values(detectorCatalogue).filter(({ defaults }) => defaults.enabled);
const costs = Object.fromEntries(detectors.map(({ type, cost }) => [type, cost]));

const rows = [...page.matchAll(/^\| (\d+)×(\d+), (\d+) fps \| (\d+) ms per second \| (\d+) \|$/gm)].map(
  (row) => row.slice(1).map(Number),
) as [number, number, number, number, number][];

describe('the capacity guide', () => {
  it.each(rows)(
    '%d × %d at %d fps takes what the planner takes it for',
    (width, height, frameRate, cost, streams) => {
      const declared = declaredCost({ width, height, frameRate }, Object.keys(costs), costs);
      expect(Math.round(declared)).toBe(cost);
      const { shardCapacity, streamsPerShard } = defaultPolicy;
      expect(Math.min(streamsPerShard, Math.floor(shardCapacity / declared))).toBe(streams);
    },
  );

  it('counts the pods of its example by its own table', () => {
    const example = /An example: (\d+) streams of 1080p30 take ([\d.]+) CPU, so (\d+) pods of 2 CPU/.exec(
      page,
    );
    const [, count, cpu, pods] = example!.map(Number) as [number, number, number, number];
    const [, , , cost, streams] = rows.find(([, height, frameRate]) => height === 1080 && frameRate === 30)!;
    expect(cpu).toBe((count * cost) / 1000);
    expect(pods).toBe(Math.ceil(count / streams));
  });

  it('has such rows, and a StreamMonitor that is valid', () => {
    expect(rows).toHaveLength(4);
    const blocks = [...page.matchAll(/```yaml\n(apiVersion[\s\S]*?)```/g)].map(([, block]) => block!);
    expect(blocks.flatMap((block) => parseStreamMonitors(block, 'capacity.md'))).toHaveLength(1);
  });
});
