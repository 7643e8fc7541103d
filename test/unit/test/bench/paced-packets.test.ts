import { expect, test } from 'vitest';
import { packetBytes, packetFacts, runsOf } from '../../../bench/paced-packets.ts';

/** A packet with a clock in seconds, or without an adaptation field. */
function packet(pid: number, clock?: number, randomAccess = false): Buffer {
  const bytes = Buffer.alloc(packetBytes, 0xff);
  bytes.set([0x47, pid >> 8, pid & 0xff, 0x10]);
  if (clock === undefined) return bytes;
  const base = Math.round(clock * 90_000);
  bytes.set([0x30, 7, 0x10 | (randomAccess ? 0x40 : 0)], 3);
  bytes.writeUInt32BE(Math.floor(base / 2), 6);
  bytes[10] = ((base % 2) << 7) | 0x7e;
  return bytes;
}

test('reads clock and random access of a packet', () => {
  expect(packetFacts(packet(256, 80_000.5, true), 0)).toEqual({
    ...{ pid: 256, randomAccess: true },
    clock: 80_000.5,
  });
  expect(packetFacts(packet(257), 0)).toEqual({ pid: 257, randomAccess: false });
  expect(() => packetFacts(Buffer.alloc(packetBytes), 0)).toThrow(RangeError);
});

test('a run begins with each clock, in seconds since the first', () => {
  const stream = Buffer.concat([
    packet(0),
    packet(256, 10, true),
    packet(257),
    packet(256, 10.5),
    packet(257),
  ]);
  const at = (index: number) => index * packetBytes;
  expect(runsOf(stream)).toEqual([
    { from: at(0), to: at(1), time: 0, keyFrame: false },
    { from: at(1), to: at(3), time: 0, keyFrame: true },
    { from: at(3), to: at(5), time: 0.5, keyFrame: false },
  ]);
});
