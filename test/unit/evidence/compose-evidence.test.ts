import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { composeEvidence } from '../../../monitor/evidence/compose-evidence.ts';
import type { Picture } from '../../../monitor/watch/watch-event.ts';

const grey = (level: number, width = 640, height = 360): Picture => ({
  width,
  height,
  channels: 1,
  data: new Uint8Array(width * height).fill(level),
});
const scores = [
  [10, 0.1],
  [11, 0.2],
  [12, 1],
] as const;

async function decoded(jpeg: Buffer | undefined) {
  const { data, info } = await sharp(jpeg!).raw().toBuffer({ resolveWithObject: true });
  const pixel = (x: number, y: number) => [
    ...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3),
  ];
  return { ...info, pixel };
}

describe('composeEvidence', () => {
  it('shows the last good frame on the left, the worst on the right, in full range', async () => {
    const picture = await decoded(await composeEvidence({ lastGood: grey(235), worst: grey(16), scores }));
    expect([picture.width, picture.height, picture.channels]).toEqual([1280, 24 + 360 + 96, 3]);
    for (const value of picture.pixel(320, 200)) expect(value).toBeGreaterThan(250);
    for (const value of picture.pixel(960, 200)) expect(value).toBeLessThan(5);
  });

  it('captions the frames and draws the curve to its peak', async () => {
    const picture = await decoded(await composeEvidence({ lastGood: grey(16), worst: grey(16), scores }));
    const brightest = (left: number, top: number, width: number, height: number) => {
      let most = 0;
      for (let y = top; y < top + height; y++) {
        for (let x = left; x < left + width; x++) most = Math.max(most, ...picture.pixel(x, y));
      }
      return most;
    };
    expect(brightest(0, 0, 120, 24)).toBeGreaterThan(120);
    expect(brightest(640, 0, 120, 24)).toBeGreaterThan(120);
    expect(brightest(400, 0, 200, 24)).toBeLessThan(60);
    expect(brightest(1240, 384 + 20, 36, 10)).toBeGreaterThan(180);
    expect(brightest(200, 384 + 30, 300, 20)).toBeLessThan(60);
  });

  it('scales frames of different sizes to one, and takes colour', async () => {
    const colour: Picture = {
      width: 64,
      height: 36,
      channels: 3,
      data: new Uint8Array(64 * 36 * 3).fill(90),
    };
    const mixed = await decoded(
      await composeEvidence({ lastGood: grey(100, 1920, 1080), worst: colour, scores: [] }),
    );
    expect([mixed.width, mixed.height]).toEqual([1280, 480]);
    expect(Math.abs(mixed.pixel(960, 200)[0]! - 90)).toBeLessThan(4);
    const alone = await decoded(await composeEvidence({ worst: colour, scores }));
    expect([alone.width, alone.height]).toEqual([320, 24 + 180 + 96]);
  });

  it('draws the curve alone for sound, and nothing of nothing', async () => {
    expect(await decoded(await composeEvidence({ scores }))).toMatchObject({ width: 640, height: 96 });
    expect(await composeEvidence({ scores: [[1, 0.5]] })).toBeUndefined();
  });

  it('rejects data that is not of the size it claims', async () => {
    const wrong = { ...grey(100), data: new Uint8Array(10) };
    await expect(composeEvidence({ worst: wrong, scores })).rejects.toThrow();
  });
});
