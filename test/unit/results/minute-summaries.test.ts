import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MinuteSummaries } from '../../../monitor/results/minute-summaries.ts';
import type { WatchedSeconds } from '../../../monitor/watch/watch-event.ts';

const origin = Date.parse('2026-01-31T23:00:00Z');
const minute = 60_000;

function seconds(at: number, values: Partial<WatchedSeconds> = {}): WatchedSeconds {
  const time = (ms: number) => new Date(origin + ms).toISOString();
  const counts = { frames: 25, evidence: {}, cpu: 0.1 };
  return { from: time(at), to: time(at + 1000), monitored: 1, blind: {}, defect: [], ...counts, ...values };
}

const defect = (detector: string, amount: number) => [
  { detector, severity: 'critical', seconds: amount } as const,
];

describe('MinuteSummaries', () => {
  it('adds up a minute per detector and gives it out once, after a grace', () => {
    const subject = new MinuteSummaries<{ name: string }>();
    const stream = { name: 'channel-1' };
    for (let at = 0; at < minute; at += 1000) {
      const values = at < 10_000 ? { monitored: 0, blind: { Unreachable: 0.75, NoFrames: 0.25 } } : {};
      subject.add('s', stream, ['freeze', 'black'], seconds(at, values));
    }
    subject.add('s', stream, ['freeze', 'black'], seconds(59_500, { defect: defect('freeze', 2.5) }));
    expect(subject.take(origin + minute + 4999)).toEqual([]);
    const common = { stream, minute: origin, monitored: 51, blind: 10 };
    expect(subject.take(origin + minute + 5000)).toEqual([
      { ...common, detector: 'freeze', defect: 2.5 },
      { ...common, detector: 'black', defect: 0 },
    ]);
    expect(subject.take(Number.POSITIVE_INFINITY)).toEqual([]);
  });

  it('counts what comes too late in the next minute', () => {
    const subject = new MinuteSummaries<object>();
    subject.add('s', {}, ['freeze'], seconds(0));
    expect(subject.take(Number.POSITIVE_INFINITY)).toHaveLength(1);
    subject.add('s', {}, ['freeze'], seconds(30_000));
    expect(subject.take(Number.POSITIVE_INFINITY)).toMatchObject([{ minute: origin + minute, monitored: 1 }]);
  });

  it('knows the detectors of a stream that has just left', () => {
    const subject = new MinuteSummaries<object>();
    subject.add('s', {}, ['freeze'], seconds(0));
    subject.take(Number.POSITIVE_INFINITY);
    subject.add('s', {}, undefined, seconds(70_000));
    expect(subject.take(Number.POSITIVE_INFINITY)).toMatchObject([{ detector: 'freeze' }]);
  });

  it('says how many summaries are still to be given out', () => {
    const subject = new MinuteSummaries<object>();
    expect(subject.open).toBe(0);
    subject.add('s', {}, ['freeze', 'black'], seconds(0));
    subject.add('t', {}, ['freeze'], seconds(0));
    subject.add('s', {}, ['freeze', 'black'], seconds(minute));
    expect(subject.open).toBe(5);
    subject.take(origin + minute + 5000);
    expect(subject.open).toBe(2);
  });

  it('loses and invents no second, however events and takings interleave', () => {
    const step = fc.record({ at: fc.nat(600_000), amount: fc.nat(10), take: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const subject = new MinuteSummaries<object>();
        const taken: { minute: number; monitored: number }[] = [];
        for (const { at, amount, take } of steps) {
          subject.add('s', {}, ['freeze'], seconds(at, { monitored: amount }));
          if (take) taken.push(...subject.take(origin + at));
        }
        taken.push(...subject.take(Number.POSITIVE_INFINITY));
        const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
        expect(sum(taken.map(({ monitored }) => monitored))).toBe(sum(steps.map(({ amount }) => amount)));
        expect(new Set(taken.map((one) => one.minute)).size).toBe(taken.length);
      }),
    );
  });
});
