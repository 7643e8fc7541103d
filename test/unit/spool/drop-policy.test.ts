import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseDrops, importances, type Weighed } from '../../../monitor/spool/drop-policy.ts';

const item = (order: number, importance: Weighed['importance'], bytes = 10): Weighed => ({
  order,
  importance,
  bytes,
});

describe('chooseDrops', () => {
  it('drops nothing while there is room, up to the last byte', () => {
    expect(chooseDrops([item(1, 'summary')], item(2, 'summary'), 20)).toEqual([]);
  });

  it('gives up summaries first, incidents last, and the oldest of equals', () => {
    const held = [item(1, 'incident'), item(2, 'summary'), item(3, 'evidence'), item(4, 'summary')];
    const orders = (capacity: number) =>
      chooseDrops(held, item(5, 'incident'), capacity).map(({ order }) => order);
    expect(orders(40)).toEqual([2]);
    expect(orders(30)).toEqual([2, 4]);
    expect(orders(20)).toEqual([2, 4, 3]);
    expect(orders(10)).toEqual([2, 4, 3, 1]);
  });

  it('refuses what is worth less than all that is held, and what is larger than the whole', () => {
    const summary = item(2, 'summary');
    expect(chooseDrops([item(1, 'incident')], summary, 15)).toEqual([summary]);
    const huge = item(2, 'incident', 50);
    expect(chooseDrops([item(1, 'summary')], huge, 40)).toEqual([huge]);
  });

  it('always fits, and never gives up something better than what stays', () => {
    const weighed = fc.record({
      bytes: fc.integer({ min: 1, max: 50 }),
      importance: fc.constantFrom(...importances),
    });
    fc.assert(
      fc.property(fc.array(weighed, { minLength: 1, maxLength: 20 }), fc.nat(300), (made, spare) => {
        const items = made.map((one, index) => ({ ...one, order: index + 1 }));
        const incoming = items.pop()!;
        const capacity = items.reduce((sum, { bytes }) => sum + bytes, 0) + (spare % 40);
        const drops = chooseDrops(items, incoming, capacity);
        const kept = [...items, incoming].filter((one) => !drops.includes(one));
        expect(kept.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(capacity);
        const rank = ({ importance }: Weighed) => importances.indexOf(importance);
        if (!drops.includes(incoming)) {
          for (const drop of drops) for (const one of kept) expect(rank(drop)).toBeLessThanOrEqual(rank(one));
        }
      }),
    );
  });
});
