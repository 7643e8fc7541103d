import { describe, expect, it } from 'vitest';
import { FrameKeeper } from '../../../monitor/evidence/frame-keeper.ts';

const plane = (level: number, width = 320, height = 180) => ({
  width,
  height,
  data: new Uint8Array(width * height).fill(level),
});

describe('FrameKeeper', () => {
  it('remembers about a frame a second for twelve seconds', () => {
    const keeper = new FrameKeeper();
    for (let frame = 0; frame < 500; frame++) keeper.remember(frame / 25, plane(frame / 25));
    expect(keeper.lastGoodBefore(15.5)?.data[0]).toBe(15);
    expect(keeper.lastGoodBefore(15)?.data[0]).toBe(14);
    expect(keeper.lastGoodBefore(8)).toBeUndefined();
    expect(keeper.lastGoodBefore(9)?.data[0]).toBe(8);
  });

  it('hands out copies that later frames leave alone', () => {
    const keeper = new FrameKeeper();
    keeper.remember(0, plane(100));
    const picture = keeper.lastGoodBefore(1)!;
    for (let time = 1; time < 30; time++) keeper.remember(time, plane(200));
    expect(picture.data[0]).toBe(100);
  });

  it('reduces large frames and keeps their look', () => {
    const keeper = new FrameKeeper();
    const large = plane(40, 1920, 1080);
    large.data.fill(200, 1920 * 540);
    keeper.remember(0, large);
    const picture = keeper.lastGoodBefore(1)!;
    expect([picture.width, picture.height]).toEqual([640, 360]);
    expect([picture.data[0], picture.data[640 * 179], picture.data[640 * 180]]).toEqual([40, 40, 200]);
  });
});
