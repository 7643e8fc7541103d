import { expect, it } from 'vitest';
import { SuddenChanges } from '../../../../monitor/detectors/block-corruption/sudden-changes.ts';
import { LumaKernels } from '../../../../monitor/kernels/luma-kernels.ts';

const [width, height] = [160, 80];

/** Frame after frame, of 50 macroblocks; in each, the first so many are at another level than the others. */
function framesOf(changes: SuddenChanges) {
  const kernels = new LumaKernels();
  const planes = [0, 1].map(() => kernels.plane(kernels.allocate(width * height), width, height));
  let count = 0;
  return (marked: number, level: number) => {
    const [current, previous] = count++ % 2 === 0 ? [planes[0]!, planes[1]!] : [planes[1]!, planes[0]!];
    current.data.fill(100);
    for (let block = 0; block < marked; block++) {
      for (let y = 0; y < 16; y++) {
        const from = (Math.floor(block / 10) * 16 + y) * width + (block % 10) * 16;
        current.data.fill(level, from, from + 16);
      }
    }
    return changes.frame(kernels, current, previous);
  };
}

it('macroblocks are sudden that change by more than 8 levels, and three times as much as before', () => {
  const frame = framesOf(new SuddenChanges());
  for (let index = 0; index < 3; index++) frame(5, 100);
  expect(frame(5, 108).share).toBe(0);
  expect(frame(5, 100 + 8 + 3 * 8).share).toBe(0);
  expect(frame(5, 132 + 24 * 3 + 1).share).toBe(0.1);
});

it('a change of most of the picture is a cut, and two in a row are motion', () => {
  const frame = framesOf(new SuddenChanges());
  for (let index = 0; index < 3; index++) frame(30, 100);
  expect(frame(30, 150)).toEqual({ share: 0, moving: false });
  expect(frame(30, 200)).toEqual({ share: 0, moving: true });
});

it('nothing is sudden before two changes are known, at first and after `forget`', () => {
  const changes = new SuddenChanges();
  const frame = framesOf(changes);
  for (let index = 0; index < 4; index++) frame(5, 100);
  expect(frame(5, 200).share).toBe(0.1);
  changes.forget();
  expect([frame(5, 100), frame(5, 100), frame(5, 200)].map(({ share }) => share)).toEqual([0, 0, 0]);
  frame(5, 200);
  frame(5, 200);
  expect(frame(5, 100).share).toBe(0.1);
});
