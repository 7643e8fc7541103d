import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IngressError } from '../../../../monitor/ingress/ingress.ts';
import { sectionChecksum } from '../../../../monitor/ingress/section-checksum.ts';
import { CommonEncryption } from '../../../../monitor/ingress/segmented/common-encryption.ts';
import { decryptTransport } from '../../../../monitor/ingress/segmented/sample-aes.ts';
import { decryptCounter, decryptPattern } from '../../../../monitor/ingress/segmented/sample-cipher.ts';
import { elementaryStreams, isDamaged } from '../../../../monitor/ingress/ts-program.ts';
import { association, packet, pes } from '../transport-stream.ts';

const [key, iv] = [Buffer.alloc(16, 7), Buffer.alloc(16, 9)];

function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(content.length + 8);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, content]);
}

/** A movie with one encrypted track, whose boxes end in what is given. */
function movie(tenc: Buffer): Buffer {
  const tkhd = Buffer.alloc(84);
  tkhd.writeUInt32BE(1, 12);
  const sinf = box(
    'sinf',
    box('frma', Buffer.from('mp4a')),
    box('schm', Buffer.from('\0\0\0\0cenc\0\0\0\0', 'latin1')),
    box('schi', box('tenc', tenc)),
  );
  const stsd = box('stsd', Buffer.alloc(8), box('enca', Buffer.alloc(28), sinf));
  const media = box('mdia', box('minf', box('stbl', stsd)));
  return box('moov', box('trak', box('tkhd', tkhd), media));
}

const tenc = Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 0, 1, 8]), Buffer.alloc(16)]);

async function cleared(...chunks: readonly Buffer[]): Promise<Buffer> {
  const parts: Buffer[] = [];
  const source = (async function* () {
    yield* chunks;
  })();
  for await (const chunk of new CommonEncryption().clear(source, () => key)) parts.push(chunk);
  return Buffer.concat(parts);
}

it('refuses samples that lie upon each other, each of which would be decrypted again', async () => {
  const whole = (value: number) => {
    const data = Buffer.alloc(4);
    data.writeUInt32BE(value);
    return data;
  };
  // Every run begins where the first did: 0x201, an offset and a size.
  const run = box('trun', whole(0x201), whole(1), whole(0), whole(1_000_000));
  const senc = box('senc', whole(0), whole(5000), Buffer.alloc(8 * 5000));
  const runs = Array.from({ length: 5000 }, () => run);
  const moof = box('moof', box('traf', box('tfhd', whole(0x2), whole(1), whole(1)), senc, ...runs));
  const began = performance.now();
  await expect(cleared(movie(tenc), moof, box('mdat', Buffer.alloc(1_000_000)))).rejects.toMatchObject({
    reason: 'UnsupportedStream',
    message: expect.stringMatching(/upon each other/),
  });
  expect(performance.now() - began).toBeLessThan(1000);
});

describe('ciphers of samples', () => {
  it('cenc: one key stream runs over the protected parts alone', () => {
    const clear = Buffer.from(Array.from({ length: 70 }, (_, index) => index));
    const cipher = createCipheriv('aes-128-ctr', key, Buffer.concat([iv.subarray(0, 8), Buffer.alloc(8)]));
    const noise = Buffer.concat([cipher.update(clear.subarray(5, 25)), cipher.update(clear.subarray(30))]);
    const sample = Buffer.concat([
      clear.subarray(0, 5),
      noise.subarray(0, 20),
      clear.subarray(25, 30),
      noise.subarray(20),
    ]);
    const parts = [
      { clear: 5, encrypted: 20 },
      { clear: 5, encrypted: 40 },
    ];
    decryptCounter(sample, parts, key, iv.subarray(0, 8));
    expect(sample).toEqual(clear);
  });

  it('cbcs: a chain begins in each part, over one block of ten', () => {
    const clear = Buffer.from(Array.from({ length: 400 }, (_, index) => index & 0xff));
    const sample = Buffer.from(clear);
    for (const start of [10, 220]) {
      const cipher = createCipheriv('aes-128-cbc', key, iv).setAutoPadding(false);
      for (const at of start === 10 ? [10, 170] : [220, 380]) {
        cipher.update(clear.subarray(at, at + 16)).copy(sample, at);
      }
    }
    const parts = [
      { clear: 10, encrypted: 200 },
      { clear: 10, encrypted: 180 },
    ];
    decryptPattern(sample, parts, key, iv, { crypt: 1, skip: 9 });
    expect(sample).toEqual(clear);
  });
});

describe('SAMPLE-AES', () => {
  it('finds its streams in a program map that takes several packets', () => {
    const sound = Buffer.from(Array.from({ length: 55 }, (_, index) => index));
    sound.set([0xff, 0xf1, 0x50, 0x80, 6, 0xff, 0xfc]);
    const encrypted = Buffer.from(sound);
    const cipher = createCipheriv('aes-128-cbc', key, iv).setAutoPadding(false);
    cipher.update(sound.subarray(23)).copy(encrypted, 23);

    // 250 bytes of descriptors lie before the streams, so that these are in the second packet.
    const descriptors = Buffer.concat([Buffer.from([0x80, 248]), Buffer.alloc(248, 1)]);
    const head = Buffer.from([2, 0, 0, 0, 1, 0xc1, 0, 0, 0xe1, 1, 0xf0, 250]);
    const map = Buffer.concat([head, descriptors, Buffer.from([0xcf, 0xe1, 1, 0xf0, 0]), Buffer.alloc(4)]);
    map.writeUInt16BE(0xb000 | (map.length - 3), 1);
    map.writeInt32BE(sectionChecksum(map.subarray(0, -4)), map.length - 4);
    const table = Buffer.concat([Buffer.from([0]), map, Buffer.alloc(368 - 1 - map.length, 0xff)]);
    const segment = Buffer.concat([
      association(),
      packet({ pid: 0x1000, counter: 0, starts: true, payload: table.subarray(0, 184) }),
      packet({ pid: 0x1000, counter: 1, payload: table.subarray(184) }),
      packet({ pid: 0x101, counter: 0, starts: true, payload: pes(1, encrypted, 0xc0) }),
    ]);

    decryptTransport(segment, key, iv);
    const section = Buffer.concat([segment.subarray(188 + 5, 2 * 188), segment.subarray(2 * 188 + 4)]);
    expect(elementaryStreams(section.subarray(0, map.length))).toMatchObject([{ pid: 0x101, type: 0x0f }]);
    expect(isDamaged(section.subarray(0, map.length))).toBe(false);
    expect(segment.subarray(-sound.length)).toEqual(sound);
  });
});

describe('a clear movie', () => {
  const sized = (size: number, ...more: readonly Buffer[]) => {
    const data = box('mdat', ...more, Buffer.alloc(500, 5));
    data.writeUInt32BE(size);
    return data;
  };
  const length64 = Buffer.alloc(8);
  length64.writeBigUInt64BE(516n);

  it.each([
    ['has a length of 64 bits', sized(1, length64)],
    ['goes on to the end', sized(0)],
    ['is larger than any encrypted fragment', sized(100 * 2 ** 20)],
  ])('passes as it is where its media data %s', async (_, mdat) => {
    const fragment = Buffer.concat([box('styp', Buffer.from('msdh')), box('moof', Buffer.alloc(40)), mdat]);
    const init = box('moov', box('trak', box('tkhd', Buffer.alloc(84))));
    expect(await cleared(fragment)).toEqual(fragment);
    expect(await cleared(init, fragment)).toEqual(Buffer.concat([init, fragment]));
    expect(await cleared(fragment.subarray(0, 70), fragment.subarray(70))).toEqual(fragment);
  });
});

describe('hostile media', () => {
  it('of Common Encryption fails with an IngressError at most', async () => {
    const bytes = fc.uint8Array({ maxLength: 64 }).map((array) => Buffer.from(array));
    const inner = fc
      .tuple(fc.constantFrom('tfhd', 'trun', 'senc', 'uuid', 'saiz'), bytes)
      .map(([type, content]) => box(type, content));
    await fc.assert(
      fc.asyncProperty(fc.array(inner, { maxLength: 4 }), bytes, fc.boolean(), async (boxes, random, own) => {
        const tfhd = box('tfhd', Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]));
        const moof = box('moof', box('traf', ...(own ? [tfhd] : []), ...boxes));
        const init = movie(own ? tenc : random);
        try {
          const clear = await cleared(init, moof, box('mdat', random));
          expect(clear.length).toBe(init.length + moof.length + random.length + 8);
        } catch (error) {
          expect(error).toBeInstanceOf(IngressError);
        }
      }),
      { numRuns: 80 },
    );
  });

  it('of SAMPLE-AES never fails, and stays as long as it was', () => {
    const packet = fc.tuple(
      fc.constantFrom(0, 0x100, 0x101),
      fc.boolean(),
      fc.uint8Array({ minLength: 184, maxLength: 184 }),
    );
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 8 }), (packets) => {
        const program = Buffer.from([0, 0, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xe1, 0, 0, 0, 0, 0]);
        const map = Buffer.from([
          0, 2, 0xb0, 18, 0, 1, 0xc1, 0, 0, 0xe1, 1, 0xf0, 0, 0xdb, 0xe1, 1, 0xf0, 0, 0, 0, 0, 0,
        ]);
        const stream = [[0, true, program] as const, [0x100, true, map] as const, ...packets].map(
          ([pid, starts, payload]) => {
            const whole = Buffer.alloc(188, 0xff);
            whole.writeUInt32BE((0x47000010 | (starts ? 0x400000 : 0) | (pid << 8)) >>> 0);
            whole.set(payload, 4);
            return whole;
          },
        );
        const segment = Buffer.concat(stream);
        decryptTransport(segment, key, iv);
        expect(segment.length).toBe(188 * stream.length);
        expect(segment[188 + 4 + 13]).toBe(0x1b);
      }),
    );
  });
});
