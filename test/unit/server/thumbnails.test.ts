import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { Thumbnails } from '../../../monitor/server/thumbnails.ts';

const identity = { namespace: 'live', monitor: 'sports', stream: 'channel-1' };

describe('Thumbnails', () => {
  it('encodes the newest picture, once', async () => {
    const thumbnails = new Thumbnails();
    expect(await thumbnails.get(identity)).toBeUndefined();
    for (const level of [10, 200]) {
      const data = new Uint8Array(32 * 18 * 3).fill(level);
      thumbnails.consume(identity, {
        type: 'preview',
        picture: { width: 32, height: 18, channels: 3, data },
      });
    }
    const jpeg = await thumbnails.get(identity);
    expect(await thumbnails.get(identity)).toBe(jpeg);
    const { channels } = await sharp(jpeg).stats();
    expect(channels[0]!.mean).toBeCloseTo(200, -1);
    thumbnails.removeStream(identity);
    expect(await thumbnails.get(identity)).toBeUndefined();
  });
});
