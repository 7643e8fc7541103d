import { expect, test } from 'vitest';
import { MpjpegReader } from '../../../bench/distributed/mpjpeg-reader.ts';
import {
  distributedLimits,
  lambdaConcurrency,
  stateTransitionsPerSecond,
  streamsOfMachine,
} from '../../../bench/distributed/quotas.ts';

const pictures = [Buffer.from('one\r\n--ffmpeg'), Buffer.alloc(2000, 7), Buffer.from('3')];
const sent = Buffer.concat(
  pictures.flatMap((picture) => [
    Buffer.from(`--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: ${picture.length}\r\n\r\n`),
    picture,
    Buffer.from('\r\n'),
  ]),
);

test.each([1, 7, 600, sent.length])('cuts pictures out of pieces of %i bytes', (size) => {
  const reader = new MpjpegReader();
  const read: Buffer[] = [];
  for (let at = 0; at < sent.length; at += size) read.push(...reader.read(sent.subarray(at, at + size)));
  expect(read).toEqual(pictures);
});

test('bytes without a length are an error', () => {
  expect(() => new MpjpegReader().read(Buffer.alloc(4000))).toThrow('without a length');
});

test('limits are what one second of one stream takes of the quotas and the cores', () => {
  const demands = { transitions: 3, functionMilliseconds: 2000, totalMilliseconds: 2500 };
  expect(distributedLimits(demands, 4)).toEqual({
    stateTransitions: Math.floor(stateTransitionsPerSecond / 3),
    lambdaConcurrency: lambdaConcurrency / 2,
    machine: 1,
  });
  expect(streamsOfMachine(150, 2)).toBe(13);
});
