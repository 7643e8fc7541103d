import { describe, expect, it } from 'vitest';
import {
  type GreyPicture,
  hashDistance,
  hashOfPicture,
  hashText,
  hashWords,
  leastQuality,
} from '../../../monitor/expectations/slates/picture-hash.ts';

function painted(width: number, height: number, sample: (x: number, y: number) => number): GreyPicture {
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data[y * width + x] = Math.round(sample(x, y));
  return { width, height, data };
}

const waves = (width: number, height: number, seed: number) =>
  painted(
    width,
    height,
    (x, y) => 128 + 60 * Math.sin(x / (7 + seed)) + 50 * Math.sin(y / (9 + seed) + x / 40),
  );

describe('hash of a picture', () => {
  // By pdqhash 0.2.8, the bindings of Meta's own implementation.
  it.each([
    [320, 180, 0, 100, 'afbc88a9eefcaaa9eafc0aa9fffcaaa9fffcaaa9000355560003555600035556'],
    [320, 180, 5, 100, 'e0ec2aa998fcaaa922fcaaa926fcaaa9bffcaaa9fffcaaa90003555600035556'],
    [330, 240, 3, 100, 'aee98083afa90203bea92003baa92003aea900035556fffc4556fffc5556fffc'],
    [100, 100, 1, 100, '4ffaaeaf8ca266c2aaaa6adb08ea9eaf1a2afafb0aaaffefaaaa000055554400'],
    [321, 135, 2, 100, 'fbf9aaa9d503aaa9df03aaa9fffcaaa98003aaa90003aaa900035556fffc5556'],
  ])('is that of the reference implementation for %i × %i, %i', (width, height, seed, quality, text) => {
    const hash = hashOfPicture(waves(width, height, seed));
    expect([hashText(hash), hash.quality]).toEqual([text, quality]);
    expect([...hashWords(text)]).toEqual([...hash.words]);
  });

  it('is nearly the same at another size and with noise, and another for another picture', () => {
    const card = (x: number, y: number) =>
      40 +
      40 * x +
      (Math.hypot(x - 0.3, y - 0.4) < 0.2 ? 120 : 0) +
      (x > 0.6 && y > 0.55 && y < 0.7 ? 90 : 0);
    const large = painted(640, 360, (x, y) => card(x / 640, y / 360));
    let noise = 1;
    const small = painted(320, 180, (x, y) => {
      noise = (noise * 48_271) % 2_147_483_647;
      return card((x + 0.25) / 320, (y + 0.25) / 180) + (noise % 7) - 3;
    });
    const distance = hashDistance(hashOfPicture(large).words, hashOfPicture(small).words);
    expect(distance).toBeLessThanOrEqual(31);
    const other = hashOfPicture(waves(320, 180, 0)).words;
    expect(hashDistance(hashOfPicture(large).words, other)).toBeGreaterThan(64);
  });

  it('counts the bits that differ', () => {
    const [zeros, ones] = ['0'.repeat(64), 'f'.repeat(64)].map(hashWords) as [Uint32Array, Uint32Array];
    expect(hashDistance(zeros, ones)).toBe(256);
    expect(hashDistance(ones, ones)).toBe(0);
    expect(hashDistance(zeros, hashWords(`8${'0'.repeat(62)}3`))).toBe(3);
  });

  it('is worth nothing for a flat picture', () => {
    expect(hashOfPicture(painted(320, 180, () => 16)).quality).toBeLessThan(leastQuality);
    expect(hashOfPicture(painted(320, 180, (x) => 16 + x / 10)).quality).toBeLessThan(leastQuality);
  });

  it('takes pictures smaller than its own', () => {
    expect(hashOfPicture(waves(20, 10, 0)).words).toHaveLength(8);
  });

  it('is not read from other texts', () => {
    for (const text of ['', 'ab', 'g'.repeat(64), '0'.repeat(63)])
      expect(() => hashWords(text)).toThrow(RangeError);
  });
});
