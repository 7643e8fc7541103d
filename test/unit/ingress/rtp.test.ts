import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { transportPayload } from '../../../monitor/ingress/rtp.ts';
import { packet } from './transport-stream.ts';

const payload = packet({ pid: 256, counter: 0 });
const header = (flags: number) => Buffer.from([flags, 33, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]);

describe('RTP (RFC 3550 §5.1)', () => {
  it('leaves plain packets alone', () => {
    expect(transportPayload(payload)).toBe(payload);
  });

  it('strips the header, contributing sources, extension and padding', () => {
    const extension = Buffer.from([0xbe, 0xde, 0, 1, 1, 2, 3, 4]);
    expect(transportPayload(Buffer.concat([header(0x80), payload]))).toEqual(payload);
    expect(transportPayload(Buffer.concat([header(0x82), Buffer.alloc(8), payload]))).toEqual(payload);
    expect(transportPayload(Buffer.concat([header(0x90), extension, payload]))).toEqual(payload);
    const padded = Buffer.concat([header(0xa0), payload, Buffer.from([0, 0, 3])]);
    expect(transportPayload(padded)).toEqual(payload);
  });

  it('refuses what carries no packets', () => {
    expect(transportPayload(Buffer.from('hello'))).toBeUndefined();
    expect(transportPayload(Buffer.concat([header(0x80), Buffer.alloc(188)]))).toBeUndefined();
    expect(transportPayload(Buffer.alloc(0))).toBeUndefined();
  });

  it('takes any datagram', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void transportPayload(Buffer.from(bytes))),
    );
  });
});
