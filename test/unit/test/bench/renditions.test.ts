import { expect, test } from 'vitest';
import { programmeArguments } from '../../../bench/renditions.ts';

test('clips come in turn, fill the picture, and are encoded with key frames 2 s apart', () => {
  const args = programmeArguments(['a.mp4', 'b.mp4'], { width: 1280, height: 720, videoKilobits: 2500 });
  const graph = args[args.indexOf('-filter_complex') + 1]!;
  expect(graph).toMatch(
    /^\[0:v:0\].*trim=duration=12.*\[1:v:0\].*\[v0\]\[a0\]\[v1\]\[a1\]concat=n=2:v=1:a=1/,
  );
  expect(graph).toContain('crop=1280:720');
  expect(args.join(' ')).toContain('-b:v 2500k');
  expect(args.join(' ')).toContain('-g 60');
});
