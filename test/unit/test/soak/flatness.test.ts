import { expect, test } from 'vitest';
import { growth, type Held } from '../../../soak/flatness.ts';

const megabyte = 1024 * 1024;
const hour = (held: (minute: number) => Partial<Held>): Held[] =>
  Array.from({ length: 60 }, (_, minute) => ({
    ...{ shardBytes: 100 * megabyte, converterBytes: 500 * megabyte, descriptors: 40 },
    ...held(minute),
  }));

test('what wavers and comes back has not grown', () => {
  const wavering = hour((minute) => ({
    shardBytes: (100 + (minute % 7)) * megabyte,
    descriptors: 40 + (minute % 3),
  }));
  expect(growth(wavering)).toEqual([]);
});

test('a leak is told, of memory as of descriptors', () => {
  const leaking = hour((minute) => ({ shardBytes: (100 + minute) * megabyte, descriptors: 40 + minute }));
  expect(growth(leaking)).toEqual([
    'shardBytes: 110 in the first third, 150 in the last',
    'descriptors: 50 in the first third, 90 in the last',
  ]);
});

test('a few minutes are no evidence', () => {
  expect(growth(hour((minute) => ({ descriptors: 40 + 10 * minute })).slice(0, 8))).toEqual([]);
});
