import { expect, test } from 'vitest';
import { corpusLabels, readLabels } from '../../../accuracy/clip-labels.ts';

function labels(own: unknown) {
  const read = corpusLabels.parse({ clip: own }).clip;
  if (!read) throw new Error('no labels');
  return readLabels(read, 30);
}

test('spans that are open end with the clip', () => {
  expect(
    labels({
      natural: { freeze: [[20, 'end']] },
      damage: {
        video: [
          [1, 2],
          [5, 'end'],
        ],
      },
    }),
  ).toMatchObject({
    natural: { still: [[20, 30]], black: [], cuts: [] },
    damage: [
      [1, 2],
      [5, 30],
    ],
  });
});

test('what nobody has looked at is not taken for nothing', () => {
  expect(labels({ natural: null })).not.toHaveProperty('natural');
});

test('sound that is clipped or the same in all channels is known', () => {
  expect(labels({ audio: { clipped_runs_ge3: 3, channels_identical: true } })).toMatchObject({
    ...{ clipped: true, mono: true },
  });
  expect(labels({ audio: null })).toMatchObject({ clipped: false, mono: false });
});
