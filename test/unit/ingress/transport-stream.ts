import { sectionChecksum } from '../../../monitor/ingress/section-checksum.ts';

/** Builds MPEG-TS packets (ISO/IEC 13818-1) with the fields under test. */
export interface PacketFields {
  readonly pid: number;
  readonly counter: number;
  readonly starts?: boolean;
  readonly payload?: Buffer;
  readonly damaged?: boolean;
  /** Announces that the counter may jump. */
  readonly discontinuity?: boolean;
  readonly randomAccess?: boolean;
  readonly withoutPayload?: boolean;
  /** Program clock reference, in ticks of 27 MHz. */
  readonly clock?: number;
}

export const videoPid = 256;
export const audioPid = 257;

export function packet(fields: PacketFields): Buffer {
  const { pid, counter, starts, payload = Buffer.alloc(184, counter), withoutPayload } = fields;
  const data = Buffer.alloc(188, 0xff);
  data[0] = 0x47;
  data[1] = (fields.damaged ? 0x80 : 0) | (starts ? 0x40 : 0) | (pid >> 8);
  data[2] = pid & 0xff;
  const carried = withoutPayload ? Buffer.alloc(0) : payload;
  const clock = fields.clock === undefined ? Buffer.alloc(0) : clockField(fields.clock);
  const flagged = fields.discontinuity || fields.randomAccess || clock.length > 0;
  const adapted = carried.length < 184 || flagged;
  data[3] = (adapted ? 0x20 : 0) | (withoutPayload ? 0 : 0x10) | (counter & 0x0f);
  if (!adapted) {
    carried.copy(data, 4);
    return data;
  }
  const body = carried.subarray(0, 182 - clock.length);
  data[4] = 183 - body.length;
  if (data[4] > 0)
    data[5] =
      (fields.discontinuity ? 0x80 : 0) | (fields.randomAccess ? 0x40 : 0) | (clock.length > 0 ? 0x10 : 0);
  clock.copy(data, 6);
  body.copy(data, 188 - body.length);
  return data;
}

function clockField(ticks: number): Buffer {
  const field = Buffer.alloc(6);
  const base = Math.floor(ticks / 300) % 2 ** 33;
  field.writeUInt32BE(Math.floor(base / 2));
  field.writeUInt16BE(((base % 2) << 15) | 0x7e00 | (ticks % 300), 4);
  return field;
}

/** Programme association and map with one video (H.264 unless told) and one AAC stream. */
export function tables(videoType = 0x1b, counter = 0): Buffer {
  return Buffer.concat([association(counter), map(counter, videoType)]);
}

export function association(counter = 0): Buffer {
  const pat = section(0, Buffer.from([0, 1, 0xc1, 0, 0, 0, 1, 0xf0, 0]));
  return packet({ pid: 0, counter, starts: true, payload: inPacket(pat) });
}

export function map(counter = 0, videoType = 0x1b): Buffer {
  const streams = [
    { type: videoType, pid: videoPid },
    { type: 0x0f, pid: audioPid },
  ];
  return programMap(streams, Buffer.alloc(0), counter);
}

/** A programme map of any streams, with the descriptors of the programme and of each. */
export function programMap(
  streams: readonly { readonly type: number; readonly pid: number; readonly descriptors?: Buffer }[],
  descriptors: Buffer,
  counter = 0,
): Buffer {
  const listed = streams.map(({ type, pid, descriptors: own = Buffer.alloc(0) }) =>
    Buffer.concat([Buffer.from([type, 0xe0 | (pid >> 8), pid & 0xff, 0xf0, own.length]), own]),
  );
  const head = Buffer.from([0, 1, 0xc1, 0, 0, 0xe1, 0, 0xf0, descriptors.length]);
  const pmt = section(2, Buffer.concat([head, descriptors, ...listed]));
  return packet({ pid: 0x1000, counter, starts: true, payload: inPacket(pmt) });
}

/** A packet that only fills the rate. */
export function stuffing(): Buffer {
  return packet({ pid: 0x1fff, counter: 0 });
}

/** A section with its CRC; `flags` are the four bits before its length. */
export function section(table: number, body: Buffer, flags = 0xb0): Buffer {
  const length = body.length + 4;
  const content = Buffer.concat([Buffer.from([table, flags | (length >> 8), length & 0xff]), body]);
  const checksum = Buffer.alloc(4);
  checksum.writeInt32BE(sectionChecksum(content));
  return Buffer.concat([content, checksum]);
}

/** The payload of the one packet that holds a section. */
function inPacket(content: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(1), content, Buffer.alloc(183 - content.length, 0xff)]);
}

/** Start of a PES packet with a PTS in seconds. */
export function pes(pts: number, content: Buffer = Buffer.alloc(0), streamId = 0xe0): Buffer {
  const ticks = Math.round(pts * 90_000);
  const high = Math.floor(ticks / 2 ** 30) & 0x07;
  const middle = Math.floor(ticks / 2 ** 15) & 0x7fff;
  const low = ticks & 0x7fff;
  const header = Buffer.from([0, 0, 1, streamId, 0, 0, 0x80, 0x80, 5, 0, 0, 0, 0, 0]);
  header[9] = 0x21 | (high << 1);
  header.writeUInt16BE((middle << 1) | 1, 10);
  header.writeUInt16BE((low << 1) | 1, 12);
  return Buffer.concat([header, content]).subarray(0, 184);
}

/** The first bytes of an H.264 picture: access unit delimiter, then one unit of a type. */
export function picture(unitType: number): Buffer {
  return Buffer.from([0, 0, 0, 1, 0x09, 0xf0, 0, 0, 0, 1, 0x60 | unitType, 0x88]);
}
