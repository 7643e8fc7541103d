import { createCipheriv } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sectionChecksum } from '../../monitor/ingress/section-checksum.ts';
import { ffmpeg, testMedia } from './ingress-origin.ts';

/** Encrypts media as packagers do; what ffmpeg encrypts itself are whole segments alone. */
export interface MediaKey {
  readonly key: Buffer;
  readonly keyId: Buffer;
  readonly iv: Buffer;
}

type Scheme = 'cenc' | 'cbcs';

const containers = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl', 'moof', 'traf']);

function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(content.length + 8);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, content]);
}

/** A box tree written anew: `change` replaces the content of a box by type. */
function rewritten(data: Buffer, change: (type: string, content: Buffer) => Buffer | undefined): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= data.length; at += data.readUInt32BE(at)) {
    const type = data.toString('latin1', at + 4, at + 8);
    const content = data.subarray(at + 8, at + data.readUInt32BE(at));
    const inner = containers.has(type) ? rewritten(content, change) : content;
    parts.push(box(type, change(type, inner) ?? inner));
  }
  return Buffer.concat(parts);
}

function bytes(...values: readonly number[]): Buffer {
  return Buffer.from(values);
}

/** An initialisation section whose tracks are declared as encrypted (ISO/IEC 23001-7 §4). */
export function protectedInit(init: Buffer, scheme: Scheme, { keyId, iv }: MediaKey): Buffer {
  return rewritten(init, (type, content) => {
    if (type !== 'stsd') return undefined;
    const entry = content.subarray(8);
    const format = entry.toString('latin1', 4, 8);
    const video = format === 'avc1';
    const pattern = scheme === 'cbcs' && video ? 0x19 : 0;
    const tenc =
      scheme === 'cenc'
        ? box('tenc', bytes(0, 0, 0, 0, 0, 0, 1, 8), keyId)
        : box('tenc', bytes(1, 0, 0, 0, 0, pattern, 1, 0), keyId, bytes(16), iv);
    const sinf = box(
      'sinf',
      box('frma', Buffer.from(format)),
      box('schm', bytes(0, 0, 0, 0), Buffer.from(scheme), bytes(0, 1, 0, 0)),
      box('schi', tenc),
    );
    return Buffer.concat([content.subarray(0, 8), box(video ? 'encv' : 'enca', entry.subarray(8), sinf)]);
  });
}

/** A media segment whose samples are encrypted. `video` says which tracks hold H.264, by their id. */
export function protectedSegment(
  segment: Buffer,
  scheme: Scheme,
  video: ReadonlySet<number>,
  media: MediaKey,
): Buffer {
  const data = Buffer.from(segment);
  const moofs: number[] = [];
  for (let at = 0; at + 8 <= data.length; at += data.readUInt32BE(at)) {
    const type = data.toString('latin1', at + 4, at + 8);
    if (type === 'moof') moofs.push(at);
    // Its sizes are those of the clear segment.
    if (type === 'sidx') data.write('free', at + 4, 'latin1');
  }
  let counter = 1n;
  const parts: Buffer[] = [data.subarray(0, moofs[0])];
  for (const [index, start] of moofs.entries()) {
    const size = data.readUInt32BE(start);
    const end = moofs[index + 1] ?? data.length;
    const auxiliary: Buffer[] = [];
    rewritten(data.subarray(start, start + size), (type, traf) => {
      if (type === 'traf') {
        const samples = samplesOf(traf).map(({ at, length }) =>
          data.subarray(start + at, start + at + length),
        );
        const track = traf.readUInt32BE(12);
        auxiliary.push(encryptSamples(samples, scheme, video.has(track), media, () => counter++));
      }
      return undefined;
    });
    const growth = auxiliary.reduce((sum, { length }) => sum + length, 0);
    const moof = rewritten(data.subarray(start, start + size), (type, content) => {
      if (type === 'trun') {
        const moved = Buffer.from(content);
        moved.writeInt32BE(moved.readInt32BE(8) + growth, 8);
        return moved;
      }
      return type === 'traf' ? Buffer.concat([content, auxiliary.shift()!]) : undefined;
    });
    parts.push(moof, data.subarray(start + size, end));
  }
  return Buffer.concat(parts);
}

/** Of a fragment's track, as ffmpeg writes it: sizes in the run or in the header. */
function samplesOf(traf: Buffer): { at: number; length: number }[] {
  let defaultSize = 0;
  const samples: { at: number; length: number }[] = [];
  rewritten(traf, (type, content) => {
    const flags = content.readUIntBE(1, 3);
    if (type === 'tfhd' && flags & 0x10) {
      const before = [0x01, 0x01, 0x02, 0x08].filter((flag) => flags & flag).length;
      defaultSize = content.readUInt32BE(8 + 4 * before);
    }
    if (type !== 'trun') return undefined;
    let place = content.readInt32BE(8);
    let at = 12 + (flags & 0x004 ? 4 : 0);
    for (let index = 0; index < content.readUInt32BE(4); index++) {
      if (flags & 0x100) at += 4;
      const length = flags & 0x200 ? content.readUInt32BE(at) : defaultSize;
      samples.push({ at: place, length });
      place += length;
      at += 4 * [0x200, 0x400, 0x800].filter((flag) => flags & flag).length;
    }
    return undefined;
  });
  return samples;
}

/** Encrypts in place; returns the `senc` box. */
function encryptSamples(
  samples: readonly Buffer[],
  scheme: Scheme,
  video: boolean,
  { key, iv }: MediaKey,
  nextVector: () => bigint,
): Buffer {
  const entries = samples.map((sample) => {
    const vector = Buffer.alloc(8);
    vector.writeBigUInt64BE(nextVector());
    const ranges = video ? unitRanges(sample, scheme) : [{ clear: 0, encrypted: sample.length }];
    const cipher = createCipheriv('aes-128-ctr', key, Buffer.concat([vector, Buffer.alloc(8)]));
    let at = 0;
    for (const { clear, encrypted } of ranges) {
      const range = sample.subarray(at + clear, at + clear + encrypted);
      if (scheme === 'cenc') cipher.update(range).copy(range);
      else encryptBlocks(range, key, iv, video ? 10 : 1);
      at += clear + encrypted;
    }
    const table = ranges.map(({ clear, encrypted }) => {
      const row = Buffer.alloc(6);
      row.writeUInt16BE(clear);
      row.writeUInt32BE(encrypted, 2);
      return row;
    });
    const parts = [
      ...(scheme === 'cenc' ? [vector] : []),
      ...(video ? [bytes(0, ranges.length), ...table] : []),
    ];
    return Buffer.concat(parts);
  });
  const count = Buffer.alloc(4);
  count.writeUInt32BE(samples.length);
  return box('senc', bytes(0, 0, 0, video ? 2 : 0), count, ...entries);
}

/** Each NAL unit's length and first 32 bytes are clear; `cenc` wants whole blocks behind them. */
function unitRanges(sample: Buffer, scheme: Scheme): { clear: number; encrypted: number }[] {
  const ranges: { clear: number; encrypted: number }[] = [];
  for (let at = 0; at + 4 <= sample.length; ) {
    const length = 4 + sample.readUInt32BE(at);
    const rest = Math.max(0, length - 36);
    const encrypted = scheme === 'cenc' ? rest - (rest % 16) : rest;
    ranges.push({ clear: length - encrypted, encrypted });
    at += length;
  }
  return ranges;
}

/** The first of every `period` blocks, in one chain. */
function encryptBlocks(range: Buffer, key: Buffer, iv: Buffer, period: number): void {
  const cipher = createCipheriv('aes-128-cbc', key, iv).setAutoPadding(false);
  for (let at = 0; at + 16 <= range.length; at += 16 * period) {
    cipher.update(range.subarray(at, at + 16)).copy(range, at);
  }
}

/** Four seconds of HLS with `cenc` for a licence system, written into a folder. */
export async function protectedHls(directory: string, playlist: string, media: MediaKey): Promise<void> {
  const segments = ['-hls_segment_type', 'fmp4', '-hls_segment_filename', 'k-%d.m4s'];
  const hls = [
    '-f',
    'hls',
    '-hls_time',
    '2',
    '-hls_playlist_type',
    'vod',
    '-hls_fmp4_init_filename',
    'k-init.mp4',
  ];
  await ffmpeg(directory, ...testMedia(4), ...hls, ...segments, playlist);
  for (const name of (await readdir(directory)).filter((each) => each.startsWith('k-'))) {
    const clear = await readFile(join(directory, name));
    const isInit = name.includes('init');
    const data = isInit
      ? protectedInit(clear, 'cenc', media)
      : protectedSegment(clear, 'cenc', new Set([1]), media);
    await writeFile(join(directory, name), data);
  }
  const key =
    '#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI="skd://live",KEYFORMAT="com.apple.streamingkeydelivery"\n';
  const text = await readFile(join(directory, playlist), 'utf8');
  await writeFile(join(directory, playlist), text.replace('#EXTINF', `${key}#EXTINF`));
}

/** An H.264 byte stream with SAMPLE-AES slices: emulation prevention goes over what is encrypted. */
export function sampleEncryptedVideo(stream: Buffer, { key, iv }: MediaKey): Buffer {
  const parts: Buffer[] = [];
  const startCode = bytes(0, 0, 1);
  for (let start = stream.indexOf(startCode); start >= 0; ) {
    const next = stream.indexOf(startCode, start + 3);
    let end = next < 0 ? stream.length : next;
    while (stream[end - 1] === 0) end--;
    const unit = Buffer.from(stream.subarray(start + 3, end));
    const type = unit[0]! & 0x1f;
    const isSlice = (type === 1 || type === 5) && unit.length > 48;
    if (isSlice) encryptBlocks(unit.subarray(32, unit.length - 1), key, iv, 10);
    parts.push(startCode, isSlice ? escaped(unit) : unit);
    start = next;
  }
  return Buffer.concat(parts);
}

function escaped(unit: Buffer): Buffer {
  const out: number[] = [];
  let zeros = 0;
  for (const byte of unit) {
    if (zeros >= 2 && byte <= 3) {
      out.push(3);
      zeros = 0;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out.push(byte);
  }
  return Buffer.from(out);
}

/** AAC (ADTS), AC-3 or E-AC-3 frames, found by `boundaries`, with SAMPLE-AES; `leader` bytes of each are clear. */
export function sampleEncryptedSound(
  stream: Buffer,
  sizes: readonly number[],
  leader: number,
  { key, iv }: MediaKey,
): Buffer {
  const data = Buffer.from(stream);
  let at = 0;
  for (const size of sizes) {
    encryptBlocks(data.subarray(at + leader, at + size), key, iv, 1);
    at += size;
  }
  return data;
}

/** A transport stream whose program map gives other stream types. */
export function retyped(segment: Buffer, types: Readonly<Record<number, number>>): Buffer {
  const data = Buffer.from(segment);
  for (let at = 0; at + 188 <= data.length; at += 188) {
    const section = data.subarray(at + 5, at + 188);
    if ((data.readUInt16BE(at + 1) & 0x5fff) !== 0x5000 || section[0] !== 2) continue;
    const end = 3 + (section.readUInt16BE(1) & 0x0fff) - 4;
    for (let entry = 12 + (section.readUInt16BE(10) & 0x0fff); entry < end; ) {
      section[entry] = types[section[entry]!] ?? section[entry]!;
      entry += 5 + (section.readUInt16BE(entry + 3) & 0x0fff);
    }
    section.writeInt32BE(sectionChecksum(section.subarray(0, end)), end);
  }
  return data;
}
