import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { declaredCost, referenceCost } from '../../../operator/planner/cost.ts';
import { subsetsOf } from '../../../operator/planner/subsets.ts';
import { demand } from './simulated-pools.ts';

const video = { width: 1920, height: 1080, frameRate: 30 };
const decode = declaredCost(video, [], {});
/** Detectors that cost as much as they are called. */
const detectorCosts = Object.fromEntries(
  [100, 200, 300, 400, 900].map((cost) => [`d${cost}`, { fixed: cost, perMegapixel: 0 }]),
);
const costs = { detectorCosts, measuredCosts: new Map<string, number>() };
const policy = { shardCapacity: 600, hysteresis: 0.1 };
const stream = (detectors: string[], subsets?: string[][]) =>
  demand('s-1', { video, detectors, ...(subsets && { subsets }) });
const detectorsOf = (result: ReturnType<typeof subsetsOf>) =>
  result.subsets.map(({ detectors }) => detectors);

describe('subsetsOf', () => {
  it('runs all detectors together where a shard can hold them', () => {
    const result = subsetsOf(stream(['d300', 'd100']), [], policy, costs);
    expect(result).toEqual({
      subsets: [{ key: 'live/sports/s-1 d100,d300', detectors: ['d100', 'd300'], cost: 400 + decode }],
    });
  });

  it('counts a reference where a detector makes use of it, and once in each such subset', () => {
    const detectorCosts = {
      compares: { fixed: 100, perMegapixel: 0, usesReference: true },
      measures: { fixed: 200, perMegapixel: 0, usesReference: true },
      looks: { fixed: 300, perMegapixel: 0 },
    };
    const all = { detectorCosts, measuredCosts: new Map<string, number>() };
    const reference = referenceCost(['compares'], detectorCosts);
    expect(reference).toBeGreaterThan(decode);
    const compared = (subsets: string[][]) =>
      demand('s-1', { video, detectors: subsets.flat(), subsets, reference: true });
    const costsOf = (subsets: string[][]) =>
      subsetsOf(compared(subsets), [], policy, all).subsets.map(({ cost }) => cost);
    expect(costsOf([['compares', 'measures'], ['looks']])).toEqual([300 + decode + reference, 300 + decode]);
    expect(costsOf([['compares', 'looks'], ['measures']])).toEqual([
      400 + decode + reference,
      200 + decode + reference,
    ]);
    const divided = subsetsOf(
      demand('s-1', { video, detectors: Object.keys(detectorCosts), reference: true }),
      [],
      policy,
      all,
    );
    expect(detectorsOf(divided)).toEqual([['compares', 'measures'], ['looks']].toReversed().toSorted());
  });

  it('divides them as the user asked; those that nobody named run with the first', () => {
    const asked = [['d200', 'unknown'], ['d300', 'd200'], ['unknown']];
    const result = subsetsOf(stream(['d100', 'd200', 'd300'], asked), [], policy, costs);
    expect(detectorsOf(result)).toEqual([['d100', 'd200'], ['d300']]);
    expect(result.split).toBeUndefined();
  });

  it('divides what exceeds a shard into few subsets, and says what the further decoding costs', () => {
    const result = subsetsOf(stream(['d100', 'd200', 'd300', 'd400']), [], policy, costs);
    expect(detectorsOf(result)).toEqual([
      ['d100', 'd400'],
      ['d200', 'd300'],
    ]);
    expect(result.split).toEqual({
      wholeCost: expect.closeTo(1000 + decode),
      extraCost: expect.closeTo(decode),
    });
  });

  it('leaves a detector that fits nowhere by itself, and the others together', () => {
    const result = subsetsOf(stream(['d100', 'd200', 'd900']), [], policy, costs);
    expect(detectorsOf(result)).toEqual([['d100', 'd200'], ['d900']]);
  });

  it('divides nothing where decoding alone exceeds a shard', () => {
    const result = subsetsOf(stream(['d100', 'd200']), [], { ...policy, shardCapacity: 50 }, costs);
    expect(detectorsOf(result)).toEqual([['d100', 'd200']]);
  });

  it('has nothing to run without detectors', () => {
    expect(subsetsOf(stream([]), [], policy, costs)).toEqual({ subsets: [] });
  });

  it('divides by what was measured, and takes the parts to cost in proportion', () => {
    const measuredCosts = new Map([['live/sports/s-1 d100,d200', 800]]);
    const { subsets } = subsetsOf(stream(['d100', 'd200']), [], policy, { detectorCosts, measuredCosts });
    const ratio = 800 / (300 + decode);
    expect(subsets).toEqual([
      { key: 'live/sports/s-1 d100', detectors: ['d100'], cost: expect.closeTo((100 + decode) * ratio) },
      { key: 'live/sports/s-1 d200', detectors: ['d200'], cost: expect.closeTo((200 + decode) * ratio) },
    ]);
  });

  it('keeps what runs whole together up to the hysteresis', () => {
    const placed = [{ detectors: ['d100', 'd200'], cost: 640 }];
    expect(detectorsOf(subsetsOf(stream(['d100', 'd200']), placed, policy, costs))).toHaveLength(1);
    const larger = [{ detectors: ['d100', 'd200'], cost: 670 }];
    expect(detectorsOf(subsetsOf(stream(['d100', 'd200']), larger, policy, costs))).toHaveLength(2);
  });

  it('keeps what runs divided apart until the whole fits with something to spare', () => {
    const placed = (cost: number) => [
      { detectors: ['d100'], cost },
      { detectors: ['d200'], cost },
    ];
    const result = (cost: number) => subsetsOf(stream(['d100', 'd200']), placed(cost), policy, costs);
    expect(detectorsOf(result(340))).toEqual([['d100'], ['d200']]);
    expect(result(340).split?.extraCost).toBeGreaterThan(100);
    expect(detectorsOf(result(300))).toEqual([['d100', 'd200']]);
  });

  it('holds every detector once, divides alike again, and exceeds a shard only with one alone', () => {
    fc.assert(
      fc.property(
        fc.subarray(Object.keys(detectorCosts), { minLength: 1 }),
        fc.integer({ min: 50, max: 2500 }),
        (detectors, shardCapacity) => {
          const limited = { ...policy, shardCapacity };
          const first = subsetsOf(stream(detectors), [], limited, costs);
          expect(detectorsOf(first).flat().sort()).toEqual(detectors.toSorted());
          for (const { detectors: together, cost } of first.subsets) {
            expect(cost).toBeCloseTo(declaredCost(video, together, detectorCosts));
            if (together.length > 1 && decode < shardCapacity)
              expect(cost).toBeLessThanOrEqual(shardCapacity + 1e-6);
          }
          const again = subsetsOf(stream(detectors.toReversed()), first.subsets, limited, costs);
          expect(detectorsOf(again)).toEqual(detectorsOf(first));
        },
      ),
    );
  });
});
