import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TsDatagrams } from '../../../monitor/ingress/ts-datagrams.ts';
import { packet } from './transport-stream.ts';

const packets = (count: number) =>
  Buffer.concat(Array.from({ length: count }, (_, counter) => packet({ pid: 256, counter: counter & 0x0f })));

/** Datagrams of these sizes, over and over. */
function cut(stream: Buffer, sizes: readonly number[]): Buffer[] {
  const datagrams: Buffer[] = [];
  for (let at = 0, index = 0; at < stream.length; index++) {
    const size = sizes[index % sizes.length]!;
    datagrams.push(stream.subarray(at, at + size));
    at += size;
  }
  return datagrams;
}

function joined(datagrams: readonly Buffer[]): Buffer {
  const joiner = new TsDatagrams();
  return Buffer.concat(datagrams.flatMap((datagram) => joiner.take(datagram) ?? []));
}

describe('TsDatagrams', () => {
  it('joins packets that were cut anywhere', () => {
    const stream = packets(40);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1472 }), { minLength: 1, maxLength: 6 }), (sizes) => {
        expect(joined(cut(stream, sizes)).equals(stream)).toBe(true);
      }),
    );
  });

  it('finds the packets again after a loss, and when it comes late', () => {
    const stream = packets(40);
    const datagrams = cut(stream, [1472]);
    const late = joined(datagrams.slice(1));
    expect(late.equals(stream.subarray(8 * 188))).toBe(true);
    const lossy = joined([datagrams[0]!, ...datagrams.slice(2)]);
    expect(lossy.equals(Buffer.concat([datagrams[0]!, stream.subarray(16 * 188)]))).toBe(true);
  });

  it('leaves out what is no transport stream, between whole packets and before them', () => {
    const whole = packets(7);
    expect(joined([Buffer.from('hello'), whole, Buffer.alloc(1316, 0x55), whole])).toEqual(
      Buffer.concat([whole, whole]),
    );
  });

  it('takes any datagrams', () => {
    const any = fc.array(fc.uint8Array({ maxLength: 600 }));
    fc.assert(fc.property(any, (datagrams) => void joined(datagrams.map((bytes) => Buffer.from(bytes)))));
  });
});
