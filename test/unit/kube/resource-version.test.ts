import { describe, expect, it } from 'vitest';
import { isOlder, later } from '../../../operator/kube/resource-version.ts';

describe('resource versions', () => {
  it.each([
    ['9', '10', true],
    ['10', '9', false],
    ['10', '10', false],
    ['99999999999999999999', '100000000000000000000', true],
    [undefined, '1', false],
    ['1', undefined, false],
    ['abc', '1', false],
    ['1', '', false],
  ])('%s is older than %s: %s', (version, other, expected) => {
    expect(isOlder(version, other)).toBe(expected);
  });

  it('takes the later of two, and what comes next where they cannot be compared', () => {
    expect(later('10', '9')).toBe('10');
    expect(later('9', '10')).toBe('10');
    expect(later(undefined, '1')).toBe('1');
    expect(later('abc', 'def')).toBe('def');
  });
});
