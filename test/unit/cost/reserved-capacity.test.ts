import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reservation, type Stretch } from '../../../operator/cost/reserved-capacity.ts';
import { parseStreamsByHour, streamsByWindows } from '../../../operator/cost/stream-profile.ts';

const day: Stretch[] = [
  { hours: 18, pods: 2 },
  { hours: 6, pods: 5 },
];

/** What a number of reserved pods comes to, straight from the definition. */
const costOf = (stretches: readonly Stretch[], pods: number, podHour: number, share: number) =>
  stretches.reduce(
    (sum, stretch) => sum + stretch.hours * podHour * (pods * share + Math.max(0, stretch.pods - pods)),
    0,
  );

describe('reserving', () => {
  it('takes what is used for at least the share of the price', () => {
    // 24 h × 2 pods × 0.1 × 0.6 = 2.88, and 6 h × 3 pods × 0.1 = 1.8 on demand.
    expect(reservation(day, 0.1, 0.6)).toEqual({
      hours: 24,
      peak: 5,
      mean: expect.closeTo(2.75, 9),
      pods: 2,
      onDemand: expect.closeTo(6.6, 9),
      withReserve: expect.closeTo(4.68, 9),
      peakReserved: expect.closeTo(7.2, 9),
    });
    expect(reservation(day, 0.1, 0.25).pods).toBe(5);
    expect(reservation(day, 0.1, 0.26).pods).toBe(2);
    expect(
      reservation(
        [
          { hours: 10, pods: 4 },
          { hours: 90, pods: 0 },
        ],
        0.1,
        0.8,
      ).pods,
    ).toBe(0);
    expect(reservation([], 0.1, 0.8)).toMatchObject({ pods: 0, onDemand: 0, withReserve: 0, mean: 0 });
  });

  it('is the least that any number of reserved pods comes to', () => {
    const stretches = fc.array(fc.record({ hours: fc.integer({ min: 1, max: 48 }), pods: fc.nat(12) }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(stretches, fc.integer({ min: 1, max: 100 }), (profile, percent) => {
        const share = percent / 100;
        const { pods, withReserve, onDemand } = reservation(profile, 0.1, share);
        const all = Array.from({ length: 14 }, (_, count) => costOf(profile, count, 0.1, share));
        expect(withReserve).toBeCloseTo(costOf(profile, pods, 0.1, share), 9);
        expect(withReserve).toBeLessThanOrEqual(Math.min(...all) + 1e-9);
        expect(withReserve).toBeLessThanOrEqual(onDemand + 1e-9);
      }),
      { numRuns: 100 },
    );
  });
});

describe('streams over time', () => {
  it('are read from a list', () => {
    expect(parseStreamsByHour('[2, 0]')).toEqual([
      { hours: 1, streams: 2 },
      { hours: 1, streams: 0 },
    ]);
    expect(parseStreamsByHour('- 3\n- 4\n').map(({ streams }) => streams)).toEqual([3, 4]);
  });

  it.each([
    ['2', 'must be a list of the streams in each hour, such as [2, 2, 8'],
    ['[1, -1]', 'streams[1] must be 0 or more'],
    ['[1.5]', 'streams[0] must be a whole number'],
    ['[many]', 'streams[0] must be a number'],
    ['[]', 'streams must have at least 1 entries'],
  ])('are refused as %s, with the fix', (text, fix) => {
    expect(() => parseStreamsByHour(text)).toThrow(fix);
  });

  it('follow from windows', () => {
    const at = (hour: number) => `2026-01-01T${String(hour).padStart(2, '0')}:00:00Z`;
    expect(
      streamsByWindows([
        { start: at(10), end: at(14) },
        { start: at(12), end: at(20) },
        { start: at(13) },
        undefined,
      ]),
    ).toEqual([
      { hours: 2, streams: 2 },
      { hours: 1, streams: 3 },
      { hours: 1, streams: 4 },
      { hours: 6, streams: 3 },
    ]);
    expect(streamsByWindows([undefined, { start: at(1) }])).toBeUndefined();
  });
});
