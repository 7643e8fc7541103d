import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexComesLast, signatureOf } from '../../../monitor/ingress/media-signature.ts';
import { packet, tables } from './transport-stream.ts';

const box = (type: string, size = 16) => {
  const data = Buffer.alloc(size);
  data.writeUInt32BE(size, 0);
  data.write(type, 4, 'latin1');
  return data;
};
const transport = Buffer.concat([
  tables(),
  packet({ pid: 256, counter: 0 }),
  packet({ pid: 256, counter: 1 }),
  packet({ pid: 256, counter: 2 }),
]);

describe('signature', () => {
  it.each([
    ['hls', '#EXTM3U\n#EXT-X-VERSION:3'],
    ['hls', '\uFEFF#EXTM3U\n'],
    ['dash', '<?xml version="1.0"?>\n<MPD type="static">'],
    ['text', '<!DOCTYPE html><html><body>Not here</body></html>'],
    ['text', '{"error":"expired"}'],
    ['text', 'Something went wrong, try again'],
  ])('takes for %s: %s', (signature, text) => {
    expect(signatureOf(Buffer.from(text))).toBe(signature);
  });

  it('recognises containers', () => {
    expect(signatureOf(transport)).toBe('mpegts');
    expect(signatureOf(transport.subarray(60))).toBe('mpegts');
    expect(signatureOf(Buffer.concat([box('ftyp', 32), box('moov')]))).toBe('mov');
    expect(signatureOf(box('styp', 24))).toBe('mov');
    expect(signatureOf(Buffer.from('FLV\x01\x05\0\0\0\x09', 'latin1'))).toBe('other-media');
    expect(signatureOf(Buffer.from([0xff, 0xf1, 0x50, 0x80, 0, 0, 0]))).toBe('other-media');
  });

  it('takes a lone sync byte for nothing', () => {
    expect(signatureOf(Buffer.from('G\0\0\0\0\0'))).toBe('unknown');
    expect(signatureOf(Buffer.alloc(0))).toBe('unknown');
  });

  it('takes any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 900 }), (bytes) => void signatureOf(Buffer.from(bytes))),
    );
  });
});

describe('progressive MP4', () => {
  it('can be read as it arrives only with its index first', () => {
    expect(indexComesLast(Buffer.concat([box('ftyp', 32), box('free'), box('mdat')]))).toBe(true);
    expect(indexComesLast(Buffer.concat([box('ftyp', 32), box('moov'), box('mdat')]))).toBe(false);
  });
});
