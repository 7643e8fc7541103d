import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DistributedDesign,
  distributedCost,
  distributedLimit,
  distributedUse,
} from '../../../operator/cost/distributed-cost.ts';
import { defaultMeasurement } from '../../../operator/cost/measurement.ts';
import { defaultPrices } from '../../../operator/cost/prices.ts';
import { measurement, stream } from './cases.ts';

const each = (frameRate: number): DistributedDesign => ({
  frameRate,
  workflow: 'Standard',
  functions: 'each',
});
const one = (frameRate: number): DistributedDesign => ({ ...each(frameRate), functions: 'one' });

describe('what the distributed design does in a second', () => {
  it('is counted at the measured rate', () => {
    expect(distributedUse(stream(), each(10), measurement)).toEqual({
      puts: 11,
      gets: 32,
      transitions: 5,
      invocations: 6,
      lambdaSeconds: (100 + 10 + 3 * 50 + 6) / 1000,
      executionSeconds: (110 + 50) / 1000,
      pictureBytes: 10_000,
    });
  });

  it('shrinks with the frames, but for decoding', () => {
    const use = distributedUse(stream(), each(1), measurement);
    expect(use).toMatchObject({ puts: 2, gets: 5, transitions: 5, invocations: 6 });
    expect(use.lambdaSeconds).toBeCloseTo((40 + 6 + 1 + 3 * 5 + 6) / 1000, 12);
  });

  it('takes a point that was measured at the very rate as it is', () => {
    const [point] = measurement.distributed;
    const slow = { ...point!, frameRate: 1, ms: { decode: 8, convert: 10, put: 1, detector: 9 } };
    const use = distributedUse(stream({ others: 0, othersMs: 0 }), each(1), {
      ...measurement,
      distributed: [point!, slow],
    });
    expect(use.lambdaSeconds).toBeCloseTo((10 + 1 + 27) / 1000, 12);
  });

  it('goes with the pixels of the nearest measured size', () => {
    const video = { width: 500, height: 1000, frameRate: 10 };
    const { lambdaSeconds, pictureBytes } = distributedUse(
      stream({ video, others: 0, othersMs: 0 }),
      each(10),
      measurement,
    );
    expect([lambdaSeconds, pictureBytes]).toEqual([0.13, 5000]);
  });

  it('fetches and decodes once where one function has all detectors', () => {
    expect(distributedUse(stream(), one(10), measurement)).toMatchObject({
      ...{ puts: 11, gets: 11, transitions: 1, invocations: 2 },
      lambdaSeconds: (110 + 50 + 6) / 1000,
    });
  });

  it('stores no frames where nobody looks at them', () => {
    const use = distributedUse(stream({ pictures: 0 }), each(10), measurement);
    expect(use).toMatchObject({ puts: 1, gets: 2, transitions: 2, pictureBytes: 0 });
  });
});

describe('money of a stream-hour', () => {
  const video = { width: 1920, height: 1080, frameRate: 30 };
  const three = stream({ video, pictures: 3, others: 0, othersMs: 0 });

  it('is what a hand comes to for 1080p at 30 fps and three detectors', () => {
    const cost = distributedCost(
      distributedUse(three, each(30), defaultMeasurement),
      'Standard',
      defaultPrices,
    );
    expect(cost.s3).toBeCloseTo(30 * 3.6 * 0.005 + 90 * 3.6 * 0.0004, 9);
    expect(cost.workflow).toBeCloseTo(3 * 3.6 * 0.025, 9);
    const gbSeconds = ((785 + 85 + 3 * 463) / 1000) * (1769 / 1024) * 3600;
    expect(cost.lambda).toBeCloseTo(gbSeconds * 0.0000166667 + 4 * 3600 * 0.2e-6, 9);
    expect(cost.total).toBeCloseTo(1.18, 2);
  });

  it('of an Express workflow is its start and its time, rounded up', () => {
    const use = distributedUse(three, each(30), defaultMeasurement);
    // 0.785 + 0.085 + 0.463 s: 1.4 s are billed.
    expect(distributedCost(use, 'Express', defaultPrices).workflow).toBeCloseTo(
      3600 * (1e-6 + 1.4 * 0.0625 * 0.00001667),
      9,
    );
    const exact = distributedCost({ ...use, executionSeconds: 0.3 }, 'Express', defaultPrices);
    expect(exact.workflow).toBeCloseTo(3600 * (1e-6 + 0.3 * 0.0625 * 0.00001667), 9);
  });

  const streams = fc.record({
    video: fc.record({
      width: fc.integer({ min: 16, max: 7680 }),
      height: fc.integer({ min: 16, max: 4320 }),
      frameRate: fc.constant(30),
    }),
    pictures: fc.nat(20),
    others: fc.nat(20),
    othersMs: fc.nat(50),
  });
  const totalOf = (of: Parameters<typeof distributedUse>[0], design: DistributedDesign) =>
    distributedCost(distributedUse(of, design, defaultMeasurement), design.workflow, defaultPrices).total;
  const workflows = fc.constantFrom('Standard' as const, 'Express' as const);

  it('is never negative, grows with the frames, and is least with one function', () => {
    fc.assert(
      fc.property(
        streams,
        workflows,
        fc.double({ min: 0.1, max: 60, noNaN: true }),
        fc.double({ min: 1, max: 9, noNaN: true }),
        (of, workflow, rate, factor) => {
          const total = totalOf(of, { ...each(rate), workflow });
          expect(total).toBeGreaterThan(0);
          expect(totalOf(of, { ...each(rate * factor), workflow })).toBeGreaterThanOrEqual(total);
          // Side by side they take less time, which an Express workflow is billed for.
          if (workflow === 'Standard') expect(totalOf(of, one(rate))).toBeLessThanOrEqual(total * (1 + 1e-9));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('where it stops', () => {
  const use = distributedUse(stream(), each(10), measurement);
  const quotas = (transitionsPerSecond: number, lambdaConcurrency: number) => ({
    ...defaultPrices,
    quotas: {
      ...defaultPrices.quotas,
      transitionsPerSecond: { amount: transitionsPerSecond, source: 'https://quotas.example' },
      lambdaConcurrency: { amount: lambdaConcurrency, source: 'https://quotas.example' },
    },
  });

  it('is at the first quota that it meets', () => {
    expect(distributedLimit(use, 'Standard', quotas(5000, 1000))).toEqual({
      streams: 1000,
      quota: 'state transitions',
    });
    // 0.266 functions a stream.
    expect(distributedLimit(use, 'Standard', quotas(5000, 100))).toEqual({
      streams: 375,
      quota: 'Lambda concurrency',
    });
    expect(distributedLimit(use, 'Express', quotas(1, 10_000))).toEqual({
      streams: 6000,
      quota: 'starts of executions',
    });
  });
});
