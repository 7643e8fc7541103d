import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers } from '../../../operator/kube/covers.ts';

const live = {
  metadata: { name: 'shard-1', labels: { app: 'monitor', 'added-by': 'somebody else' }, uid: 'd2' },
  spec: {
    replicas: 1,
    paused: false,
    template: {
      containers: [{ name: 'monitor', image: 'm:1', imagePullPolicy: 'Always', args: ['a', 'b'] }],
    },
  },
};

describe('covers', () => {
  it('does not mind what the server and others added', () => {
    expect(covers(live, { metadata: { name: 'shard-1', labels: { app: 'monitor' } } })).toBe(true);
    expect(covers(live, { spec: { template: { containers: [{ name: 'monitor', image: 'm:1' }] } } })).toBe(
      true,
    );
    expect(covers(live, { spec: { paused: undefined, absent: undefined } })).toBe(true);
  });

  it.each([
    ['another value', { spec: { replicas: 2 } }],
    ['another type', { spec: { replicas: '1' } }],
    ['a field that is not there', { metadata: { annotations: { a: 'b' } } }],
    ['a field with the name of an inherited one', { metadata: { labels: { constructor: {} } } }],
    ['null', { spec: { replicas: null } }],
    ['an object in place of a value', { spec: { replicas: {} } }],
    ['an object in place of a list', { spec: { template: { containers: {} } } }],
    ['a list in place of an object', { spec: [] }],
    ['a list with one more', { spec: { template: { containers: [{ args: ['a', 'b', 'c'] }] } } }],
    ['a list with one less', { spec: { template: { containers: [{ args: ['a'] }] } } }],
    ['a list in another order', { spec: { template: { containers: [{ args: ['b', 'a'] }] } } }],
    [
      'a difference inside a list',
      { spec: { template: { containers: [{ name: 'monitor', image: 'm:2' }] } } },
    ],
  ])('sees %s', (_, desired) => {
    expect(covers(live, desired)).toBe(false);
  });

  it('finds nothing in what is not there', () => {
    expect(covers(undefined, {})).toBe(false);
    expect(covers(null, {})).toBe(false);
    expect(covers(undefined, undefined)).toBe(true);
  });

  it('holds for any object and itself, and no longer when a leaf of it changes', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(object, fc.string(), fc.jsonValue(), (value, name, added) => {
        const extended = { ...value, [name]: { added } };
        expect(covers(structuredClone(value), value)).toBe(true);
        expect(covers(extended, { [name]: { added } })).toBe(true);
        expect(covers(extended, { [name]: { added: [added] } })).toBe(false);
      }),
    );
  });
});
