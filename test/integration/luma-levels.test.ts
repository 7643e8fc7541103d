import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { ffmpegOutputs, type Wants } from '../../monitor/converter/converter-plan.ts';
import { LumaKernels, reducedColumns, reductionFactor } from '../../monitor/kernels/luma-kernels.ts';

const size = { width: 1280, height: 720 } as const;
const paths = { video: 'v', audio: 'a', preview: 'p' };

/** Luma of one picture as the converter has it made. */
function luma(video: Wants['video'], pixelFormat: string, source: string): Buffer {
  const wants = { video, audio: false, preview: false };
  const [output] = ffmpegOutputs(wants, reducedColumns, paths, { input: 0, index: 0 });
  const filter = output!.options[output!.options.indexOf('-vf') + 1]!;
  const pictures = `${source}:size=${size.width}x${size.height}:rate=1,format=${pixelFormat}`;
  return execFileSync('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', pictures, '-frames:v', '1'],
    ...['-vf', filter, '-f', 'rawvideo', '-'],
  ]);
}

function mean(levels: Buffer): number {
  return levels.reduce((sum, level) => sum + level, 0) / levels.length;
}

/** The native plane, reduced by the kernel. */
function reducedHere(native: Buffer): Uint8Array {
  const kernels = new LumaKernels();
  const { width, height } = size;
  const factor = reductionFactor(width);
  const from = kernels.allocate(width * height);
  const [columns, rows] = [Math.floor(width / factor), Math.floor(height / factor)];
  const to = kernels.allocate(columns * rows);
  kernels.plane(from, width, height).data.set(native);
  kernels.reduce(kernels.plane(from, width, height), factor, kernels.plane(to, columns, rows));
  return kernels.bytes(to, columns * rows);
}

// Dark gray of limited range: what expands the range would make it darker still.
test.for(['yuv420p', 'yuvj420p', 'yuv444p', 'yuv420p10le', 'nv12', 'rgb24', 'gray'])(
  'levels of %s are the same at full and at reduced size',
  (pixelFormat) => {
    const native = luma('native', pixelFormat, 'color=c=0x202020');
    const reduced = luma('reduced', pixelFormat, 'color=c=0x202020');
    expect(reduced.length).toBe(320 * 180);
    // What has more bits is dithered: half a level is no difference, an expanded range is twelve.
    expect(Math.abs(mean(reduced) - mean(native))).toBeLessThan(1);
  },
);

test('ffmpeg reduces as the kernel does', () => {
  const reduced = luma('reduced', 'yuv420p', 'testsrc2');
  const here = reducedHere(luma('native', 'yuv420p', 'testsrc2'));
  expect(reduced.length).toBe(here.length);
  const farthest = reduced.reduce((most, level, at) => Math.max(most, Math.abs(level - here[at]!)), 0);
  expect(farthest).toBeLessThanOrEqual(2);
});
