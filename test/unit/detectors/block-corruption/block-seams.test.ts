import { describe, expect, it } from 'vitest';
import { BlockSeams } from '../../../../monitor/detectors/block-corruption/block-seams.ts';
import { LumaKernels } from '../../../../monitor/kernels/luma-kernels.ts';

function planes(width: number, height: number) {
  const kernels = new LumaKernels();
  const addresses = [kernels.allocate(width * height), kernels.allocate(width * height)] as const;
  const [current, previous] = addresses.map((address) => kernels.plane(address, width, height));
  for (const plane of [current!, previous!]) {
    for (let at = 0; at < plane.data.length; at++) plane.data[at] = 100 + ((at * 7) % 5);
  }
  return { kernels, current: current!, previous: previous! };
}

/** Brightens one macroblock, checkered so that it is not flat. */
function brighten({ data, width }: { data: Uint8Array; width: number }, column: number, row: number): void {
  for (let y = 0; y < 16; y++) {
    for (let x = 0; x < 16; x++) data[(row * 16 + y) * width + column * 16 + x] = 180 + 4 * ((x + y) % 2);
  }
}

describe('seams of macroblocks', () => {
  it('count the four edges of one that stands out, and last while it stays', () => {
    const { kernels, current, previous } = planes(320, 160);
    const seams = new BlockSeams();
    brighten(current, 5, 5);
    // The edges to the right and below belong to the neighbours, which are flat.
    expect(seams.frame(kernels, current, previous)).toMatchObject({ blocks: 200, area: (12 * 4) / 200 });
    brighten(previous, 5, 5);
    expect(seams.frame(kernels, current, previous)).toMatchObject({ area: (12 * 4) / 200, broken: 0 });
    seams.forget();
    expect(seams.frame(kernels, current, previous).area).toBe(0);
  });

  it('are over once the picture is whole again, though that changes it along the same edges', () => {
    const { kernels, current, previous } = planes(320, 160);
    brighten(previous, 5, 5);
    expect(new BlockSeams().frame(kernels, current, previous)).toMatchObject({ area: 0, broken: 0 });
  });

  it('are not sought in pictures without a whole macroblock, nor beyond 8K', () => {
    for (const [width, height] of [
      [15, 40],
      [8208, 16],
    ] as const) {
      const { kernels, current, previous } = planes(width, height);
      expect(new BlockSeams().frame(kernels, current, previous)).toEqual({ area: 0, broken: 0, blocks: 0 });
    }
  });
});
