import { expect, it } from 'vitest';
import { ownerReferences } from '../../../operator/resources/owner-references.ts';

it('names owners in one order, none of them as the controller or with a hold on the deletion', () => {
  const owners = [
    { name: 'sports', uid: '2' },
    { name: 'news', uid: '3' },
    { name: 'sports', uid: '1' },
  ];
  const reference = { apiVersion: 'streammonitor.dev/v1alpha1', kind: 'StreamMonitor' };
  const expected = [
    { ...reference, name: 'news', uid: '3' },
    { ...reference, name: 'sports', uid: '1' },
    { ...reference, name: 'sports', uid: '2' },
  ];
  expect(ownerReferences(owners)).toEqual(expected);
  expect(ownerReferences(owners.toReversed())).toEqual(expected);
});

it('are bounded, and stay the same whatever order they are found in', () => {
  const owners = Array.from({ length: 20_000 }, (_, index) => ({
    name: `monitor-${index}`,
    uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  }));
  const references = ownerReferences(owners);
  expect(references).toEqual(ownerReferences(owners.toReversed()));
  expect(JSON.stringify(references).length).toBeLessThan(128 * 1024);
});
