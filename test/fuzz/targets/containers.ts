import { Readable } from 'node:stream';
import { NutError } from '../../../monitor/converter/nut-fields.ts';
import { NutReader } from '../../../monitor/converter/nut-reader.ts';
import { parseSpliceInfo } from '../../../monitor/ingress/breaks/splice-info.ts';
import { IngressError } from '../../../monitor/ingress/ingress.ts';
import { signatureOf } from '../../../monitor/ingress/media-signature.ts';
import { Mp4Tap } from '../../../monitor/ingress/mp4-tap.ts';
import { CommonEncryption } from '../../../monitor/ingress/segmented/common-encryption.ts';
import { PackedAudio } from '../../../monitor/ingress/segmented/packed-audio.ts';
import { decryptTransport } from '../../../monitor/ingress/segmented/sample-aes.ts';
import { TsDatagrams } from '../../../monitor/ingress/ts-datagrams.ts';
import { TsTap } from '../../../monitor/ingress/ts-tap.ts';
import { Random } from '../../accuracy/random.ts';
import { damaged } from '../mutations.ts';
import { type FuzzTarget, never } from '../target.ts';

/** Cuts as a network does: the same for the same bytes. */
function* chunksOf(bytes: Buffer): Generator<Buffer> {
  const random = new Random('chunks', bytes.length);
  for (let at = 0; at < bytes.length; ) {
    const size = random.pick([1, 7, 188, 1316, 4096, 65_536]);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

const box = (type: string, content: Buffer) => {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(content.length + 8);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, content]);
};

/** Boxes of the sample with a run of pictures of the given flags and count put in again and again. */
function manyRuns(random: Random, mp4: Buffer): Buffer {
  const run = Buffer.alloc(8);
  run.writeUInt32BE(random.pick([0, 1, 0x100, 0x200, 0x400, 0x701]), 0);
  run.writeUInt32BE(random.pick([1, 1000, 99_999, 0x7fffffff]), 4);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(1, 4);
  const runs = Array.from({ length: random.whole(1, 2000) }, () => box('trun', run));
  const fragment = box('moof', box('traf', Buffer.concat([box('tfhd', header), ...runs])));
  return Buffer.concat([mp4, ...Array.from({ length: random.whole(1, 20) }, () => fragment)]);
}

export const containers: readonly FuzzTarget[] = [
  {
    name: 'nut',
    input: (random, { nut }) => damaged(random, random.pick(nut).subarray(0, 20_000), random.pick(nut)),
    run: (input) => {
      let target = new Uint8Array(0);
      const reader = new NutReader({
        onStream: () => {},
        target: (size) => {
          target = new Uint8Array(size);
          return target;
        },
        onPacket: () => {},
      });
      for (const chunk of chunksOf(input)) reader.write(chunk);
    },
    allows: (error) => error instanceof NutError,
  },
  {
    name: 'transport-stream',
    input: (random, { ts, mp4 }) => damaged(random, ts, random.chance(0.5) ? ts : mp4),
    run: (input) => {
      let heard = 0;
      const tap = new TsTap(
        { onEvidence: () => heard++, onCue: () => heard++ },
        { broadcast: input.length % 2 === 0 },
      );
      const datagrams = new TsDatagrams();
      for (const chunk of chunksOf(input)) {
        if (chunk.length % 5 === 0) tap.startSegment({ afterLoss: chunk.length % 2 === 0 });
        tap.write(chunk);
        void tap.programChange;
        datagrams.take(chunk);
        signatureOf(chunk);
      }
    },
    allows: never,
  },
  {
    name: 'mp4',
    input: (random, { mp4, ts }) =>
      damaged(random, random.chance(0.3) ? manyRuns(random, mp4) : mp4, random.chance(0.7) ? mp4 : ts),
    run: (input) => {
      const tap = new Mp4Tap(() => {});
      for (const chunk of chunksOf(input)) tap.write(chunk);
    },
    allows: never,
  },
  {
    name: 'encrypted-mp4',
    input: (random, { mp4 }) => {
      // Declared as encrypted by its sample entries: what follows is decrypted, whatever it is.
      const renamed = Buffer.from(
        mp4.toString('latin1').replace('avc1', 'encv').replace('mp4a', 'enca'),
        'latin1',
      );
      return damaged(random, random.chance(0.5) ? manyRuns(random, renamed) : renamed);
    },
    run: async (input) => {
      const clear = new CommonEncryption().clear(Readable.from(chunksOf(input)), () => Buffer.alloc(16, 7));
      for await (const _chunk of clear);
    },
    allows: (error) => error instanceof IngressError,
  },
  {
    name: 'sample-aes',
    input: (random, { ts }) => {
      const encrypted = Buffer.from(ts);
      // Stream types of the programme map, as SAMPLE-AES names them.
      for (let at = 0; at < 188 * 10; at++)
        if (encrypted[at] === 0x1b || encrypted[at] === 0x0f) encrypted[at]! += 0xc0;
      return damaged(random, encrypted);
    },
    run: (input) => decryptTransport(Buffer.from(input), Buffer.alloc(16, 7), Buffer.alloc(16, 9)),
    allows: (error) => error instanceof IngressError,
  },
  {
    name: 'packed-audio',
    input: (random, { adts }) => damaged(random, adts),
    run: async (input) => {
      const audio = new PackedAudio();
      for await (const _chunk of audio.asTransport(Readable.from(chunksOf(input)), input.length % 2 === 0));
    },
    allows: (error) => error instanceof IngressError,
  },
  {
    name: 'splice-info',
    input: (random) => {
      const insert =
        'fc302f000000000000fffff00506fe72bd0050001e021c435545494800008e7fcf0001a599b00808000000002ca0a18a3402009ac9d17e';
      return damaged(random, Buffer.from(insert, 'hex'));
    },
    run: (input) => parseSpliceInfo(input),
    allows: never,
  },
];
