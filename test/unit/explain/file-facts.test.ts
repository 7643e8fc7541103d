import { describe, expect, it } from 'vitest';
import { parseStreamMonitors } from '../../../crds/stream-monitor-file.ts';
import { explain } from '../../../operator/explain/explanation.ts';
import { fileFacts } from '../../../operator/explain/file-facts.ts';
import { defaultPolicy } from '../../../operator/planner/pool-policy.ts';

const now = Date.parse('2026-01-01T12:00:00.000Z');
const streams = [1, 2, 3].map((number) => ({
  name: `channel-${number}`,
  url: `https://origin.example/${number}.m3u8`,
}));

const explained = (spec: object, policy: Partial<typeof defaultPolicy> = {}) => {
  const text = JSON.stringify({
    ...{ apiVersion: 'streammonitor.dev/v1alpha1', kind: 'StreamMonitor', metadata: { name: 'sports' } },
    spec,
  });
  const [facts] = fileFacts(parseStreamMonitors(text, 'live.yaml'), { ...defaultPolicy, ...policy }, now);
  return explain(facts!);
};

describe('a file of StreamMonitors', () => {
  it('is placed as run would place it, at the declared cost', () => {
    const { streams: placed } = explained({ streams });
    expect(placed.map(({ state, placements }) => [state, placements[0]?.shard])).toEqual([
      ['Placed', 'shard-0'],
      ['Placed', 'shard-0'],
      ['Placed', 'shard-0'],
    ]);
    const parts = placed[0]!.detectors.reduce((sum, { cost = 0 }) => sum + cost, 0);
    expect(placed[0]!.cost).toBeGreaterThan(parts);
  });

  it('says what is left out, and the fix', () => {
    const { streams: placed } = explained({ streams }, { shardCapacity: 200, maxShards: 1 });
    const shed = placed.filter(({ state }) => state === 'NoCapacity');
    expect(shed).toHaveLength(2);
    expect(shed[0]!.why).toMatch(/shard/);
  });

  it('says which detectors run, which are disabled, and which have nothing to judge by', () => {
    const [stream] = explained({ streams, detectors: { black: { enabled: false } } }).streams;
    expect(stream!.disabled).toEqual(['black', 'blur']);
    const reference = stream!.detectors.find(({ type }) => type === 'reference');
    expect(reference!.unknown).toBe('the stream has no reference');
    const withReference = explained({
      streams: [{ ...streams[0], reference: { url: 'srt://contribution.example:9000' } }],
    });
    expect(withReference.streams[0]!.detectors.filter(({ unknown }) => unknown !== undefined)).toEqual([]);
  });

  it('names what only a cluster has', () => {
    const { problems } = explained({ streams, streamsFrom: [{ configMap: { name: 'more' } }] });
    expect(problems).toEqual([
      'ConfigMap more: only a cluster has ConfigMaps: write the streams into spec.streams',
    ]);
  });
});
