import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventName, eventOf, type Occurrence, referenceTo } from '../../../operator/kube/event.ts';
import { EventBudget } from '../../../operator/kube/event-budget.ts';
import { EventSeriesStore, type OpenSeries, seriesEnd } from '../../../operator/kube/event-series-store.ts';

const regarding = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'live', name: 'shard-1', uid: 'u1' };
const occurrence: Occurrence = {
  regarding,
  type: 'Warning',
  reason: 'NotPlaced',
  action: 'Plan',
  note: 'no shard has room',
};
const reporter = { controller: 'example.org/operator', instance: 'pod-1' };
const time = new Date('2026-02-03T04:05:06.007Z');

describe('eventOf', () => {
  it('lies in the namespace of what it regards, `default` where that has none', () => {
    expect(eventOf(occurrence, reporter, time)).toMatchObject({
      metadata: { name: expect.stringMatching(/^shard-1\.[0-9a-f]{16}$/), namespace: 'live' },
      eventTime: '2026-02-03T04:05:06.007000Z',
      reportingController: 'example.org/operator',
      reportingInstance: 'pod-1',
      note: 'no shard has room',
    });
    const { namespace, ...clusterWide } = regarding;
    const event = eventOf({ ...occurrence, regarding: clusterWide }, reporter, time);
    expect(event.metadata.namespace).toBe('default');
  });

  it('cuts a note off at a whole character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 200, maxLength: 2000 }), (note) => {
        const cut = eventOf({ ...occurrence, note }, reporter, time).note;
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(1024);
        expect(cut === note || (cut.endsWith('…') && note.startsWith(cut.slice(0, -1)))).toBe(true);
        if (Buffer.byteLength(note) > 1024) expect(Buffer.byteLength(cut)).toBeGreaterThan(1024 - 8);
      }),
    );
  });

  it('has a name of DNS, whatever the name of the object', () => {
    const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
    const names = fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9.:-]{0,300}$/));
    fc.assert(
      fc.property(names, (name) => {
        expect(eventName(name)).toMatch(subdomain);
        expect(eventName(name).length).toBeLessThanOrEqual(253);
      }),
    );
    expect(eventName('system:node')).toMatch(/^system-node\./);
    expect(eventName('a')).not.toBe(eventName('a'));
  });
});

describe('referenceTo', () => {
  it('refuses an object that did not come from the server', () => {
    const { uid, ...metadata } = { name: 'shard-1', namespace: 'live', uid: 'u1' };
    expect(referenceTo({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, uid } })).toEqual(
      regarding,
    );
    expect(() => referenceTo({ apiVersion: 'v1', kind: 'ConfigMap', metadata })).toThrow('shard-1');
  });
});

describe('EventBudget', () => {
  it('allows each object its burst, then its rate', () => {
    const budget = new EventBudget(3, 6, 100);
    const taken = (object: string, now: number) => [1, 2, 3, 4].map(() => budget.take(object, now));
    expect(taken('a', 0)).toEqual([true, true, true, false]);
    expect(taken('b', 0)).toEqual([true, true, true, false]);
    expect(taken('a', 9_000)).toEqual([false, false, false, false]);
    expect(taken('a', 10_000)).toEqual([true, false, false, false]);
  });

  it('forgets objects whose budget is full again, and the oldest where there are too many', () => {
    const budget = new EventBudget(3, 6, 100);
    for (let object = 0; object < 1000; object++) budget.take(String(object), 0);
    expect(budget.size).toBe(100);
    budget.take('later', 29_999);
    expect(budget.size).toBe(100);
    budget.take('later', 30_000);
    expect(budget.size).toBe(1);
  });

  it('refuses numbers out of range at once', () => {
    expect(() => new EventBudget(0, 6, 100)).toThrow(RangeError);
    expect(() => new EventBudget(3, 0, 100)).toThrow(RangeError);
  });
});

describe('EventSeriesStore', () => {
  const series = (key: string, at: number, written: number): OpenSeries => ({
    key,
    event: eventOf(occurrence, reporter, time),
    count: 1,
    at,
    lastObserved: time,
    written: { count: written, at },
  });

  it('ends a series that was quiet for long, unless it is still to be written', () => {
    const store = new EventSeriesStore(10);
    store.put(series('written', 0, 1), 0);
    store.put(series('waiting', 0, 0), 0);
    expect(store.find('written', seriesEnd - 1)).toBeDefined();
    expect(store.find('written', seriesEnd)).toBeUndefined();
    expect(store.find('waiting', seriesEnd)).toBeDefined();
  });

  it('makes room by what was written, oldest first, and takes no more where nothing was', () => {
    const store = new EventSeriesStore(3);
    for (const [key, written] of [
      ['a', 0],
      ['b', 1],
      ['c', 1],
    ] as const)
      store.put(series(key, 1, written), 1);
    expect(store.put(series('d', 2, 0), 2)).toBe(true);
    expect(['a', 'b', 'c', 'd'].filter((key) => store.find(key, 2))).toEqual(['a', 'c', 'd']);
    expect(store.put(series('e', 2, 0), 2)).toBe(true);
    expect(store.put(series('f', 2, 0), 2)).toBe(false);
    expect(store.size).toBe(3);
    expect(store.put(series('a', 3, 0), 3)).toBe(true);
  });
});
