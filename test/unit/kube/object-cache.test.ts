import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Change, ObjectCache } from '../../../operator/kube/object-cache.ts';
import { type KubeObject, objectKey } from '../../../operator/kube/resource.ts';

function object(name: string, uid: string, version: number): KubeObject {
  return { metadata: { namespace: 'live', name, uid, resourceVersion: String(version) } };
}

/** `+key@version`, `-key@version`, `key@old>new`. */
function short({ key, object: current, previous }: Change<KubeObject>): string {
  const before = previous?.metadata.resourceVersion;
  const after = current?.metadata.resourceVersion;
  if (before === undefined) return `+${key}@${after}`;
  return after === undefined ? `-${key}@${before}` : `${key}@${before}>${after}`;
}

describe('a cache of objects', () => {
  it('tells additions, updates and deletions', () => {
    const cache = new ObjectCache<KubeObject>();
    const changes = [
      ...cache.put(object('a', '1', 10)),
      ...cache.put(object('a', '1', 11)),
      ...cache.remove(object('a', '1', 12)),
    ];
    expect(changes.map(short)).toEqual(['+live/a@10', 'live/a@10>11', '-live/a@11']);
    expect(cache.values()).toEqual([]);
  });

  it('lists each namespace by itself, as it is now', () => {
    const cache = new ObjectCache<KubeObject>();
    const elsewhere = { metadata: { namespace: 'other', name: 'a', uid: '3', resourceVersion: '12' } };
    const node = { metadata: { name: 'n', uid: '4', resourceVersion: '13' } };
    for (const each of [object('a', '1', 10), object('b', '2', 11), elsewhere, node]) cache.put(each);
    cache.put(object('b', '2', 14));
    const versions = (namespace?: string) =>
      cache.values(namespace).map(({ metadata }) => metadata.resourceVersion);
    expect([versions('live'), versions('other'), versions('none')]).toEqual([['10', '14'], ['12'], []]);
    cache.remove(object('a', '1', 15));
    cache.retain(new Set(['live/b', 'n']), '16');
    expect([versions('live'), versions('other'), versions()]).toEqual([['14'], [], ['14', '13']]);
  });

  it('tells nothing twice and nothing old', () => {
    const cache = new ObjectCache<KubeObject>();
    cache.put(object('a', '1', 10));
    expect(cache.put(object('a', '1', 10))).toEqual([]);
    expect(cache.put(object('a', '1', 9))).toEqual([]);
    expect(cache.get('live/a')?.metadata.resourceVersion).toBe('10');
  });

  it('tells another object of the same name as a deletion and an addition', () => {
    const cache = new ObjectCache<KubeObject>();
    cache.put(object('a', '1', 10));
    expect(cache.put(object('a', '2', 12)).map(short)).toEqual(['-live/a@10', '+live/a@12']);
    expect(cache.put(object('a', '1', 11))).toEqual([]);
    expect(cache.remove(object('a', '1', 11))).toEqual([]);
    expect(cache.get('live/a')?.metadata.uid).toBe('2');
  });

  it('brings nothing back with what was said before its deletion', () => {
    const cache = new ObjectCache<KubeObject>();
    cache.remove(object('a', '1', 12));
    expect(cache.put(object('a', '1', 11))).toEqual([]);
    // A list that had lost it was wrong, if it changes after all.
    expect(cache.put(object('a', '1', 13)).map(short)).toEqual(['+live/a@13']);
  });

  it('keeps what a list has and deletes the rest', () => {
    const cache = new ObjectCache<KubeObject>();
    for (const name of ['a', 'b', 'c']) cache.put(object(name, name, 10));
    expect(cache.retain(new Set(['live/b']), '20').map(short)).toEqual(['-live/a@10', '-live/c@10']);
    expect(cache.put(object('a', 'a', 15))).toEqual([]);
  });

  it('believes lower versions once they have started over', () => {
    const cache = new ObjectCache<KubeObject>();
    cache.put(object('a', '1', 10));
    cache.put(object('b', '2', 10));
    cache.remove(object('c', '3', 10));
    cache.restart();
    const told = [object('a', '1', 5), object('b', '2', 10), object('c', '3', 5)].flatMap((o) =>
      cache.put(o),
    );
    expect(told.map(short)).toEqual(['live/a@10>5', '+live/c@5']);
    expect(cache.put(object('a', '1', 4))).toEqual([]);
  });

  it('lists a namespace or all', () => {
    const cache = new ObjectCache<KubeObject>();
    cache.put(object('a', '1', 1));
    cache.put({ metadata: { name: 'node', uid: '2', resourceVersion: '2' } });
    expect(cache.values()).toHaveLength(2);
    expect(cache.values('live')).toHaveLength(1);
    expect(cache.get('node')?.metadata.uid).toBe('2');
  });

  it('ends at the same objects in whatever order a history is told', () => {
    const step = fc.record({ name: fc.constantFrom('a', 'b'), deletes: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.infiniteStream(fc.nat()), (steps, numbers) => {
        const { events, final } = history(steps);
        const told = [...events, ...events]
          .map((event) => ({ event, order: numbers.next().value }))
          .sort((left, right) => left.order - right.order);
        const cache = new ObjectCache<KubeObject>();
        const retold = new Map<string, KubeObject>();
        for (const { event } of told) {
          const changes = event.deletes ? cache.remove(event.object) : cache.put(event.object);
          for (const { key, object: current, previous } of changes) {
            expect(retold.get(key)).toBe(previous);
            if (current) retold.set(key, current);
            else retold.delete(key);
          }
        }
        expect(new Set(cache.values())).toEqual(final);
        expect(new Set(retold.values())).toEqual(final);
      }),
    );
  });

  /** What a server would tell of writes to names, and what it has after them. */
  function history(steps: readonly { name: string; deletes: boolean }[]) {
    const held = new Map<string, KubeObject>();
    const events: { object: KubeObject; deletes: boolean }[] = [];
    for (const [index, { name, deletes }] of steps.entries()) {
      const version = index + 1;
      const key = objectKey('live', name);
      const uid = held.get(key)?.metadata.uid;
      if (deletes && uid === undefined) continue;
      const next = object(name, uid ?? `${name}-${version}`, version);
      events.push({ object: next, deletes });
      if (deletes) held.delete(key);
      else held.set(key, next);
    }
    return { events, final: new Set(held.values()) };
  }
});
