import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PackedAudio } from '../../../../monitor/ingress/segmented/packed-audio.ts';
import { SegmentTaps } from '../../../../monitor/ingress/segmented/segment-taps.ts';

/** An ADTS frame of AAC-LC at 48 kHz; its content is not decoded here. */
function frame(bytes: number): Buffer {
  const data = Buffer.alloc(bytes, 0x21);
  data.set([0xff, 0xf1, 0x4c, 0x80 | (bytes >> 11), (bytes >> 3) & 0xff, ((bytes & 7) << 5) | 0x1f, 0xfc]);
  return data;
}

async function* one(data: Buffer): AsyncGenerator<Buffer> {
  yield data;
}

async function transported(audio: PackedAudio, data: Buffer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of audio.asTransport(one(data))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('packed audio (RFC 8216 §3.4)', () => {
  it('becomes whole packets with continuous counters, segment after segment', async () => {
    const audio = new PackedAudio();
    const evidence: unknown[] = [];
    const taps = new SegmentTaps({ onEvidence: (item) => evidence.push(item) });
    for (const sizes of [[300, 184, 7, 371], [170], [500, 20]]) {
      const stream = await transported(audio, Buffer.concat(sizes.map(frame)));
      expect(stream.length % 188).toBe(0);
      for await (const chunk of taps.watch(one(stream))) expect(chunk).toBe(stream);
    }
    expect(evidence).toEqual([]);
  });

  it('comes piece by piece: frames without content make many times their bytes', async () => {
    const empty = Buffer.concat(Array.from({ length: 20_000 }, () => frame(7)));
    let largest = 0;
    for await (const chunk of new PackedAudio().asTransport(one(empty)))
      largest = Math.max(largest, chunk.length);
    expect(largest).toBeLessThan(500_000);
  });

  it('leaves other segments alone', async () => {
    const data = Buffer.from('some other bytes');
    expect(await transported(new PackedAudio(), data)).toEqual(data);
  });

  it('takes any bytes after a tag or a sync word', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('ID3\x04\0\0\0\0\0\0', '\xff\xf1', 'ID3\x04\0\0\x7f\x7f\x7f\x7f'),
        fc.uint8Array({ maxLength: 300 }),
        async (start, bytes) => {
          await transported(
            new PackedAudio(),
            Buffer.concat([Buffer.from(start, 'latin1'), Buffer.from(bytes)]),
          );
        },
      ),
    );
  });
});
