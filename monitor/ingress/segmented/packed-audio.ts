import { peek, readAll } from '../resource.ts';
import { sectionChecksum } from '../section-checksum.ts';
import { adtsFrameLength, adtsHeaderBytes, isAdtsFrame } from './adts.ts';

const largestSegment = 16 * 1024 * 1024;
const timestampOwner = 'com.apple.streaming.transportStreamTimestamp\0';
const clock = 90_000;
/** Ten seconds of ordinary sound. */
const packetsAtOnce = 2000;
const samplesPerFrame = 1024;
/** MPEG-4 sampling frequency index (ISO/IEC 14496-3 table 1.18). */
const sampleRates = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
];

const mapPid = 0x1000;
const audioPid = 0x101;

/**
 * HLS may carry AAC without a container, its time in an ID3 tag at the start of each segment (RFC 8216 §3.4). A
 * decoder that reads the frames alone would lose that time, and with it the sync to the pictures: so they are put
 * into a transport stream of their own.
 */
export class PackedAudio {
  readonly #counters = new Map<number, number>();
  /** Of the next frame, in ticks; goes on where a segment has no tag. */
  #time = 0;

  /**
   * The segment as a transport stream when it is packed AAC, unchanged otherwise.
   * @param sampleEncrypted the samples are encrypted: the transport stream says so
   */
  async *asTransport(chunks: AsyncIterable<Buffer>, sampleEncrypted = false): AsyncGenerator<Buffer> {
    const { head, chunks: all } = await peek(chunks, 3);
    if (head.toString('latin1') !== 'ID3' && !isAdtsFrame(head, 0)) {
      yield* all;
      return;
    }
    const segment = await readAll(all, largestSegment, 'segment');
    const { end, time } = readTags(segment);
    this.#time = time ?? this.#time;
    if (isAdtsFrame(segment, end))
      yield* this.#packets(segment, end, sampleEncrypted ? encryptedMap : clearMap);
    else yield segment;
  }

  /** Piece by piece: of frames without content the packets are many times as large. */
  *#packets(segment: Buffer, from: number, programMap: Buffer): Generator<Buffer> {
    let packets = [this.#table(0, programAssociation), this.#table(mapPid, programMap)];
    for (let at = from; isAdtsFrame(segment, at); ) {
      const size = adtsFrameLength(segment, at);
      const rate = sampleRates[(segment[at + 2]! >> 2) & 0x0f];
      if (size < adtsHeaderBytes || at + size > segment.length || rate === undefined) break;
      this.#addElementary(
        packets,
        Buffer.concat([pesHeader(this.#time, size), segment.subarray(at, at + size)]),
      );
      const blocks = (segment[at + 6]! & 0x03) + 1;
      this.#time += (blocks * samplesPerFrame * clock) / rate;
      at += size;
      if (packets.length < packetsAtOnce) continue;
      yield Buffer.concat(packets);
      packets = [];
    }
    yield Buffer.concat(packets);
  }

  #addElementary(packets: Buffer[], pes: Buffer): void {
    for (let at = 0; at < pes.length; at += 184)
      packets.push(this.#packet(audioPid, at === 0, pes.subarray(at, at + 184)));
  }

  #table(pid: number, section: Buffer): Buffer {
    const payload = Buffer.alloc(184, 0xff);
    payload[0] = 0;
    section.copy(payload, 1);
    return this.#packet(pid, true, payload);
  }

  #packet(pid: number, starts: boolean, payload: Buffer): Buffer {
    const counter = this.#counters.get(pid) ?? 0;
    this.#counters.set(pid, (counter + 1) & 0x0f);
    const packet = Buffer.alloc(188, 0xff);
    const stuffing = 184 - payload.length;
    packet.writeUInt32BE(
      ((0x47 << 24) | ((starts ? 0x40 : 0) << 16) | (pid << 8) | (stuffing ? 0x30 : 0x10) | counter) >>> 0,
    );
    if (stuffing > 0) packet[4] = stuffing - 1;
    if (stuffing > 1) packet[5] = 0;
    payload.copy(packet, 188 - payload.length);
    return packet;
  }
}

/** Where the ID3 tags at the start end, and the time that they give in ticks. */
function readTags(segment: Buffer): { end: number; time: number | undefined } {
  let end = 0;
  let time: number | undefined;
  while (end + 10 <= segment.length && segment.toString('latin1', end, end + 3) === 'ID3') {
    const size = 10 + syncSafe(segment, end + 6);
    const tag = segment.subarray(end, end + size);
    const owner = tag.indexOf(timestampOwner, 0, 'latin1');
    const at = owner + timestampOwner.length;
    if (owner >= 0 && at + 8 <= tag.length) time = Number(tag.readBigUInt64BE(at) & 0x1ffffffffn);
    end += size;
  }
  return { end: Math.min(end, segment.length), time };
}

function syncSafe(data: Buffer, at: number): number {
  return (
    ((data[at]! & 0x7f) << 21) |
    ((data[at + 1]! & 0x7f) << 14) |
    ((data[at + 2]! & 0x7f) << 7) |
    (data[at + 3]! & 0x7f)
  );
}

function pesHeader(time: number, size: number): Buffer {
  const header = Buffer.from([0, 0, 1, 0xc0, 0, 0, 0x84, 0x80, 5, 0, 0, 0, 0, 0]);
  const ticks = Math.round(time) % 2 ** 33;
  header.writeUInt16BE(Math.min(0xffff, size + 8), 4);
  header[9] = 0x21 | (Math.floor(ticks / 2 ** 30) << 1);
  header.writeUInt16BE(((Math.floor(ticks / 2 ** 15) & 0x7fff) << 1) | 1, 10);
  header.writeUInt16BE(((ticks & 0x7fff) << 1) | 1, 12);
  return header;
}

const programAssociation = withChecksum([
  0x00,
  0xb0,
  13,
  0,
  1,
  0xc1,
  0,
  0,
  0,
  1,
  0xe0 | (mapPid >> 8),
  mapPid & 0xff,
]);
/** Without a clock: sound alone needs none to be in step with. */
const programMap = (type: number) =>
  withChecksum([
    ...[0x02, 0xb0, 18, 0, 1, 0xc1, 0, 0, 0xff, 0xff, 0xf0, 0],
    ...[type, 0xe0 | (audioPid >> 8), audioPid & 0xff, 0xf0, 0],
  ]);
const clearMap = programMap(0x0f);
const encryptedMap = programMap(0xcf);

function withChecksum(section: readonly number[]): Buffer {
  const data = Buffer.alloc(section.length + 4);
  data.set(section);
  data.writeInt32BE(sectionChecksum(section), section.length);
  return data;
}
