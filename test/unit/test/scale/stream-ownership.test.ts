import { expect, test } from 'vitest';
import type { Assignment } from '../../../../crds/assignment.ts';
import { StreamOwnership } from '../../../scale/stream-ownership.ts';

const assignment = (shard: string, roles: Readonly<Record<string, 'owner' | 'warming' | 'demoted'>>) =>
  ({
    shard,
    streams: Object.entries(roles).map(([name, role]) => ({
      ...{ monitor: 'space/monitor', name, role, detectors: ['freeze'] },
    })),
  }) as unknown as Assignment;

test('a stream that is lost and placed elsewhere has moved, and was without owner meanwhile', () => {
  const ownership = new StreamOwnership();
  ownership.follow('pod-a', assignment('a', { one: 'owner', two: 'owner' }), 0);
  expect(ownership.owned).toBe(2);
  expect(ownership.sinceMark).toEqual({ moved: 0, interrupted: 0, longest: 0 });
  ownership.follow('pod-a', undefined, 1_000);
  expect(ownership.owned).toBe(0);
  ownership.follow('pod-b', assignment('b', { one: 'owner' }), 3_000);
  ownership.follow('pod-c', assignment('a', { two: 'owner' }), 9_000);
  expect(ownership.owned).toBe(2);
  expect(ownership.sinceMark).toEqual({ moved: 1, interrupted: 2, longest: 8 });
  ownership.mark();
  expect(ownership.sinceMark).toEqual({ moved: 0, interrupted: 0, longest: 0 });
});

test('a stream that is handed over is owned again from when the other follows', () => {
  const ownership = new StreamOwnership();
  ownership.follow('pod-a', assignment('a', { one: 'owner' }), 0);
  ownership.follow('pod-b', assignment('b', { one: 'warming' }), 1_000);
  ownership.follow('pod-a', assignment('a', { one: 'demoted' }), 2_000);
  ownership.follow('pod-b', assignment('b', { one: 'owner' }), 2_500);
  ownership.follow('pod-a', assignment('a', {}), 3_000);
  expect(ownership.sinceMark).toEqual({ moved: 1, interrupted: 1, longest: 0.5 });
  expect(ownership.conflicts).toEqual([]);
});

test('two owners at once are told, and the stream stays owned when one of them goes', () => {
  const ownership = new StreamOwnership();
  ownership.follow('pod-a', assignment('a', { one: 'owner' }), 0);
  ownership.follow('pod-b', assignment('b', { one: 'owner' }), 1_000);
  expect(ownership.conflicts).toEqual(['space/monitor/one freeze: pod-a and pod-b']);
  ownership.follow('pod-a', undefined, 2_000);
  expect(ownership.owned).toBe(1);
});
