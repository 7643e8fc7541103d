import { describe, expect, it } from 'vitest';
import { JudgementReader } from '../../../monitor/modules/judgement-reader.ts';

const manifest = { kinds: { dark: { description: 'the picture is dark' } } };
const judgement = { time: 10, kind: 'dark', score: 0.5 };
const read = (said: unknown, newest = 10) => new JudgementReader(manifest).read(said, newest);

describe('JudgementReader', () => {
  it('takes judgements and what cannot be told', () => {
    const said = [
      judgement,
      { ...judgement, since: 8, severity: 'info', area: 1, channel: 'FL', confidence: 0.2, source: 'x' },
      { unknown: 'there is no sound' },
      { unknown: undefined },
    ];
    expect(read(said)).toEqual(said);
    expect(read([])).toEqual([]);
  });

  it.each([
    ['undefined', 'step returned undefined, not a list of judgements'],
    [Array(65).fill(judgement), 'step returned more than 64 judgements at once'],
    [['string'], 'judgement 0: must be an object with named fields, not a text'],
    [[judgement, { ...judgement, kind: 'drak' }], 'judgement 1: kind must be dark'],
    [[{ ...judgement, score: 1.1 }], 'judgement 0: score must be at most 1'],
    [[{ ...judgement, score: Number.NaN }], 'judgement 0: score must be a number, not the number NaN'],
    [[{ ...judgement, score: null }], 'judgement 0: score must be a number, not empty'],
    [[{ time: 10, score: 1 }], 'judgement 0: kind is missing'],
    [[{ ...judgement, time: 12 }], 'time 12 is later than what was observed, 10'],
    [[{ ...judgement, since: 11 }], 'since 11 is after time 10'],
    [[{ ...judgement, channel: 'x'.repeat(33) }], 'judgement 0: channel must have at most 32 characters'],
    [[{ unknown: '' }], 'judgement 0: unknown must have at least 1 characters'],
  ])('refuses %j', (said, message) => {
    expect(() => read(said)).toThrow(message);
  });

  it('bounds the channels, each of which is judged on its own', () => {
    const reader = new JudgementReader(manifest);
    const on = (channel: number) => reader.read([{ ...judgement, channel: `c${channel}` }], 10);
    for (let channel = 0; channel < 16; channel++) on(channel);
    on(3);
    expect(() => on(16)).toThrow('it judges more than 16 channels');
  });
});
