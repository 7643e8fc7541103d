import { describe, expect, it } from 'vitest';
import { Lanes } from '../../../monitor/spool/lanes.ts';

const claimed = (lanes: Lanes<string>, now: number) => lanes.claim(now).map(({ item }) => item);
const a = { lane: 'a', destination: 'x' };
const b = { lane: 'b', destination: 'x' };

describe('Lanes', () => {
  it('keeps a lane in order and lets lanes pass one another', () => {
    const lanes = new Lanes<string>(4);
    lanes.enqueue(a, 'a1');
    lanes.enqueue(a, 'a2');
    lanes.enqueue(b, 'b1');
    expect(claimed(lanes, 0)).toEqual(['a1', 'b1']);
    expect(claimed(lanes, 0)).toEqual([]);
    lanes.settle(a);
    expect(claimed(lanes, 0)).toEqual(['a2']);
    lanes.settle(a);
    lanes.settle(b);
    expect(lanes.empty).toBe(true);
  });

  it('tries the same item again, at its time, before the next of its lane', () => {
    const lanes = new Lanes<string>(4);
    lanes.enqueue(a, 'a1');
    lanes.enqueue(a, 'a2');
    lanes.claim(0);
    expect(lanes.fail(a)).toBe(1);
    lanes.postpone(a, 100);
    expect(claimed(lanes, 99)).toEqual([]);
    expect(lanes.wakeAt()).toBe(100);
    expect(claimed(lanes, 100)).toEqual(['a1']);
    expect(lanes.fail(a)).toBe(2);
  });

  it('bounds what is in flight per destination, not overall', () => {
    const lanes = new Lanes<string>(1);
    lanes.enqueue(a, 'a1');
    lanes.enqueue(b, 'b1');
    lanes.enqueue({ lane: 'c', destination: 'y' }, 'c1');
    expect(claimed(lanes, 0)).toEqual(['a1', 'c1']);
    expect(lanes.wakeAt()).toBeUndefined();
    lanes.settle(a);
    expect(claimed(lanes, 0)).toEqual(['b1']);
  });

  it('rests a whole destination that asked for it', () => {
    const lanes = new Lanes<string>(4);
    lanes.enqueue(a, 'a1');
    lanes.enqueue({ lane: 'c', destination: 'y' }, 'c1');
    lanes.hold('x', 500);
    expect(claimed(lanes, 0)).toEqual(['c1']);
    expect(lanes.wakeAt()).toBe(500);
    expect(claimed(lanes, 500)).toEqual(['a1']);
  });

  it('withdraws a waiting item, and leaves one in flight to be settled', () => {
    const lanes = new Lanes<string>(4);
    lanes.enqueue(a, 'a1');
    lanes.enqueue(a, 'a2');
    lanes.claim(0);
    lanes.withdraw('a', 'a2');
    lanes.withdraw('a', 'a1');
    expect(lanes.empty).toBe(false);
    lanes.settle(a);
    expect(lanes.empty).toBe(true);
  });
});
