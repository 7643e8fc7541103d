import { expect, test } from 'vitest';
import {
  channelSpans,
  clusters,
  joined,
  lasting,
  markedSpans,
  spansWhere,
} from '../../../accuracy/peers/peer-spans.ts';

const frame = (time: number, values: Readonly<Record<string, string>> = {}) => ({
  time,
  values: new Map(Object.entries(values)),
});

const keys = { start: 'freeze_start', end: 'freeze_end' };

test('marks become spans, and one that is open at the end of the file ends there', () => {
  const frames = [
    frame(1),
    frame(4, { freeze_start: '2' }),
    frame(5, { freeze_end: '5' }),
    frame(9, { freeze_start: '7' }),
  ];
  expect(markedSpans(frames, keys, 10)).toEqual([
    [2, 5],
    [7, 10],
  ]);
});

test('one frame may end a span and begin the next', () => {
  const frames = [frame(3, { freeze_start: '1' }), frame(6, { freeze_end: '5', freeze_start: '5.5' })];
  expect(markedSpans(frames, keys, 8)).toEqual([
    [1, 5],
    [5.5, 8],
  ]);
});

test('channels are marked one by one', () => {
  const frames = [
    frame(1, { 'lavfi.silence_start.1': '0.5' }),
    frame(2, { 'lavfi.silence_start.2': '1', 'lavfi.silence_end.1': '2' }),
  ];
  expect(channelSpans(frames, 'lavfi.silence', 4)).toEqual([
    [0.5, 2],
    [1, 4],
  ]);
});

test('short spans go', () => {
  const spans = [
    [0, 1],
    [3, 6],
  ] as const;
  expect(lasting(spans, 2)).toEqual([[3, 6]]);
});

test('frames that meet a condition last up to the next, and short gaps are bridged', () => {
  const frames = [0, 0.1, 0.2, 0.3, 1, 1.1].map((time) => frame(time, { score: time === 0.1 ? '0' : '1' }));
  const spans = spansWhere(frames, ({ values }) => values.get('score') === '1', { seconds: 1.2, gap: 0.15 });
  expect(spans).toEqual([[0, 1.2]]);
});

test('times that lie close together are a span', () => {
  expect(clusters([1, 1.2, 1.3, 5, 8, 8.1, 8.2], 3, 0.5)).toEqual([
    [1, 1.3],
    [8, 8.2],
  ]);
});

test('spans that touch or overlap are one, in whatever order they come', () => {
  expect(
    joined(
      [
        [5, 6],
        [1, 4],
        [2, 3],
        [4.1, 4.5],
      ],
      0.2,
    ),
  ).toEqual([
    [1, 4.5],
    [5, 6],
  ]);
});
