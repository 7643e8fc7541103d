import { describe, expect, it } from 'vitest';
import { Random } from '../../accuracy/random.ts';
import { damaged, damagedDocument, damagedText } from '../../fuzz/mutations.ts';
import { type FuzzTarget, never } from '../../fuzz/target.ts';
import { untrusted } from '../../fuzz/untrusted.ts';

function target(run: (input: Buffer) => unknown, allows: FuzzTarget['allows'] = never): FuzzTarget {
  return { name: 'test', input: () => Buffer.alloc(0), run, allows };
}

describe('the reading of a hostile input', () => {
  it('is a finding where it throws what it does not mean, with a small input that does so too', async () => {
    const reader = target((input) => {
      if (input.includes('bad')) throw new TypeError('of undefined');
    });
    const finding = await untrusted(reader, Buffer.from(`${'x'.repeat(5000)}bad${'y'.repeat(5000)}`));
    expect(finding?.error).toMatch(/TypeError: of undefined/);
    expect(String(finding?.input)).toBe('bad');
  });

  it('is none where the error is meant', async () => {
    const reader = target(
      () => {
        throw new RangeError('too long');
      },
      (error) => error instanceof RangeError,
    );
    expect(await untrusted(reader, Buffer.from('x'))).toBeUndefined();
  });

  it('is a finding where it leaves something in the prototype of all objects', async () => {
    const reader = target(() => Object.assign(Object.prototype, { polluted: 1 }));
    expect((await untrusted(reader, Buffer.from('x')))?.error).toMatch(/polluted/);
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('damage', () => {
  it('is the same for the same seed, and other for another', () => {
    const sound = Buffer.from(Array.from({ length: 3000 }, (_, index) => index & 0xff));
    const all = (seed: number) =>
      Array.from({ length: 8 }, (_, index) => {
        const random = new Random(seed, index);
        const texts = damagedText(random, 'a=1\nb="2"\n', ['c']);
        return [damaged(random, sound), texts, damagedDocument(random, { a: [1, { b: 'c' }] })];
      });
    expect(all(1)).toEqual(all(1));
    expect(all(1)).not.toEqual(all(2));
    expect(all(1).filter(([bytes]) => !sound.equals(bytes as Buffer)).length).toBeGreaterThan(4);
  });
});
