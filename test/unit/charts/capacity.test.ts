import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseStreamMonitors } from '../../../crds/stream-monitor-file.ts';
import { defaultPolicy } from '../../../operator/planner/pool-policy.ts';

const page = readFileSync(new URL('../../../docs/capacity.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| (\d+)×(\d+), (\d+) fps \| (\d+) ms per second \| (\d+) \|$/gm)].map(
  (row) => row.slice(1).map(Number),
) as [number, number, number, number, number][];

describe('the capacity guide', () => {
  it.each(rows)('has room in a pod for the %d × %d at %d fps that it says', (_, __, ___, cost, streams) => {
    const { shardCapacity, streamsPerShard } = defaultPolicy;
    expect(streams * cost).toBeLessThanOrEqual(shardCapacity);
    expect(streams === streamsPerShard || (streams + 1) * (cost + 1) > shardCapacity).toBe(true);
  });

  it('counts the pods of its example by its own table', () => {
    const example = /An example: (\d+) streams of 1080p30 take ([\d.]+) CPU, so (\d+) pods of 2 CPU/.exec(
      page,
    );
    const [, count, cpu, pods] = example!.map(Number) as [number, number, number, number];
    const [, , , cost, streams] = rows.find(([, height, frameRate]) => height === 1080 && frameRate === 30)!;
    expect(cpu).toBeCloseTo((count * cost) / 1000, 0);
    expect(pods).toBe(Math.ceil(count / streams));
  });

  it('has such rows, and a StreamMonitor that is valid', () => {
    expect(rows).toHaveLength(4);
    const blocks = [...page.matchAll(/```yaml\n(apiVersion[\s\S]*?)```/g)].map(([, block]) => block!);
    expect(blocks.flatMap((block) => parseStreamMonitors(block, 'capacity.md'))).toHaveLength(1);
  });
});
