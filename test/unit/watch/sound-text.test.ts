import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { soundText } from '../../../monitor/watch/sound-text.ts';

const audio = { codec: 'aac', sampleRate: 44_100, layout: 'stereo', soundtrack: { number: 1, of: 1 } };

it('says which of several tracks is watched, as the playlist or else the container has it', () => {
  expect(soundText(audio, undefined)).toBe('stereo, 44.1 kHz, aac');
  const second = { ...audio, soundtrack: { number: 2, of: 3, language: 'deu' } };
  expect(soundText(second, { file: 'x.ts' })).toBe('track 2 of 3 (deu), stereo, 44.1 kHz, aac');
  const listed = { carries: 'audio', bytes: new PassThrough(), soundtrack: { number: 4, of: 5 } } as const;
  expect(soundText(second, { inputs: [listed] })).toBe('track 4 of 5, stereo, 44.1 kHz, aac');
});
