import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ContentKeys } from '../../../../monitor/ingress/segmented/content-keys.ts';

const [id, otherId] = ['0123456789abcdef0123456789abcdef', 'ffffffffffffffffffffffffffffffff'];
const [key, otherKey] = ['00112233445566778899aabbccddeeff', 'ffeeddccbbaa99887766554433221100'];

describe('ContentKeys', () => {
  it('serves every key ID with one key', () => {
    const keys = ContentKeys.parse(` ${key.toUpperCase()}\n`);
    expect(keys.keyFor(id).toString('hex')).toBe(key);
    expect(keys.keyFor().toString('hex')).toBe(key);
    expect(inspect(keys) + JSON.stringify(keys)).not.toContain('0011');
  });

  it('serves each key ID with its own', () => {
    const keys = ContentKeys.parse(`01234567-89ab-cdef-0123-456789abcdef:${key}\n\n${otherId}:${otherKey}\n`);
    expect(keys.keyFor(id).toString('hex')).toBe(key);
    expect(keys.keyFor(otherId).toString('hex')).toBe(otherKey);
    expect(() => keys.keyFor('00'.repeat(16))).toThrow(expect.objectContaining({ reason: 'WrongKey' }));
  });

  it.each([
    ['', 'is empty'],
    ['secret', 'line 1 is not a key of 32 hexadecimal digits'],
    [`${id}:${key}\n${otherKey}`, 'line 2 is not "KEYID:KEY"'],
  ])('refuses %j without repeating it', (text, message) => {
    expect(() => ContentKeys.parse(text)).toThrow(message);
    expect(() => ContentKeys.parse(text)).not.toThrow(otherKey);
  });
});
