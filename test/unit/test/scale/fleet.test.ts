import { expect, test } from 'vitest';
import { parseStreamMonitor } from '../../../../crds/stream-monitor.ts';
import { fleetObjects, fleetOf } from '../../../scale/fleet.ts';

test.each([10, 300, 5_000, 20_000])('a fleet has %i streams, in lists of a thousand at most', (streams) => {
  const fleet = fleetOf(streams, 1);
  expect(fleet.reduce((sum, monitor) => sum + monitor.streams, 0)).toBe(streams);
  for (const { streams: own, lists } of fleet)
    if (lists.length > 0) expect(lists.reduce((sum, size) => sum + size, 0)).toBe(own);
  expect(Math.max(...fleet.flatMap(({ lists }) => lists))).toBeLessThanOrEqual(1_000);
  expect(new Set(fleet.map(({ name }) => name)).size).toBe(fleet.length);
});

test('the seed decides which there are', () => {
  expect(fleetOf(300, 1)).toEqual(fleetOf(300, 1));
  expect(fleetOf(300, 1)).not.toEqual(fleetOf(300, 2));
});

test('lists hold each stream once, and small StreamMonitors name theirs themselves', () => {
  const [first, second, monitor] = fleetObjects({ name: 'm', streams: 3, lists: [2, 1] }, 'space') as {
    data: { streams: string };
    spec: object;
  }[];
  const names = [first!, second!].flatMap(({ data }) =>
    (JSON.parse(data.streams) as { name: string }[]).map(({ name }) => name),
  );
  expect(names).toEqual(['stream-0', 'stream-1', 'stream-2']);
  expect(monitor!.spec).toEqual({
    streamsFrom: [{ configMap: { name: 'm-0' } }, { configMap: { name: 'm-1' } }],
  });
  const [small] = fleetObjects({ name: 'm', streams: 2, lists: [] }, 'space');
  expect(parseStreamMonitor(small).spec.streams).toHaveLength(2);
});
