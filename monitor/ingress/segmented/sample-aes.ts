import { sectionChecksum } from '../section-checksum.ts';
import { programs } from '../ts-program.ts';
import {
  decryptAacFrames,
  decryptAc3Frames,
  decryptEac3Frames,
  decryptNalUnits,
} from './sample-aes-frames.ts';

const packetSize = 188;

/** Stream types of encrypted samples, the type of the clear stream, and how its frames are decrypted. */
const encryptedTypes: Readonly<
  Record<
    number,
    { readonly clear: number; readonly decrypt: (data: Buffer, key: Buffer, iv: Buffer) => void }
  >
> = {
  219: { clear: 0x1b, decrypt: decryptNalUnits },
  207: { clear: 0x0f, decrypt: decryptAacFrames },
  193: { clear: 0x81, decrypt: decryptAc3Frames },
  194: { clear: 0x87, decrypt: decryptEac3Frames },
};

/**
 * Decrypts a segment in MPEG-TS whose samples are encrypted (Apple, "MPEG-2 Stream Encryption Format for HTTP Live
 * Streaming"). In place: each frame keeps its length, so that packets and their counters stay as they were.
 */
export function decryptTransport(segment: Buffer, key: Buffer, iv: Buffer): void {
  const payloads = payloadsByPid(segment);
  const mapPids = new Set<number>();
  for (const unit of tableUnits(payloads.get(0) ?? [])) {
    const sections = sectionsOf(Buffer.concat(unit));
    for (const { mapPid } of sections.flatMap(programs)) mapPids.add(mapPid);
  }
  const streams = new Map<number, number>();
  for (const unit of [...mapPids].flatMap((pid) => tableUnits(payloads.get(pid) ?? []))) {
    editTogether(unit, (data) => {
      for (const [pid, type] of sectionsOf(data).flatMap(clearMap))
        if (!streams.has(pid)) streams.set(pid, type);
    });
  }
  for (const [pid, type] of streams) {
    const slices = (payloads.get(pid) ?? []).map(({ starts, data }) => (starts ? withoutHeader(data) : data));
    editTogether(slices, (data) => encryptedTypes[type]!.decrypt(data, key, iv));
  }
}

/** What a packet carries; `starts`: a table section or PES packet begins in it. */
interface Payload {
  readonly starts: boolean;
  readonly data: Buffer;
}

function payloadsByPid(segment: Buffer): Map<number, Payload[]> {
  const payloads = new Map<number, Payload[]>();
  for (let at = 0; at + packetSize <= segment.length; at += packetSize) {
    const packet = segment.subarray(at, at + packetSize);
    const data = payloadOf(packet);
    if (!data) continue;
    const pid = packet.readUInt16BE(1) & 0x1fff;
    const payload = { starts: (packet[1]! & 0x40) !== 0, data };
    const before = payloads.get(pid);
    if (before) before.push(payload);
    else payloads.set(pid, [payload]);
  }
  return payloads;
}

/** Changes slices of a segment as if they lay one behind the other. */
function editTogether(slices: readonly Buffer[], edit: (data: Buffer) => void): void {
  const data = Buffer.concat(slices);
  edit(data);
  let at = 0;
  for (const slice of slices) at += data.copy(slice, 0, at, at + slice.length);
}

/** ISO/IEC 13818-1 §2.4.3.3. */
function payloadOf(packet: Buffer): Buffer | undefined {
  if (packet[0] !== 0x47 || (packet[3]! & 0x10) === 0) return undefined;
  const start = packet[3]! & 0x20 ? 5 + packet[4]! : 4;
  return start < packetSize ? packet.subarray(start) : undefined;
}

/** Elementary stream data behind the header of a PES packet (§2.4.3.6). */
function withoutHeader(payload: Buffer): Buffer {
  return payload.length < 9 ? payload.subarray(payload.length) : payload.subarray(9 + payload[8]!);
}

/** Slices that hold sections from the start of one on: a pointer says where it is in its packet (§2.4.4.2). */
function tableUnits(payloads: readonly Payload[]): Buffer[][] {
  const units: Buffer[][] = [];
  for (const { starts, data } of payloads) {
    const begin = starts ? 1 + data[0]! : data.length;
    units.at(-1)?.push(data.subarray(starts ? 1 : 0, begin));
    if (starts) units.push([data.subarray(begin)]);
  }
  return units;
}

/** The sections that are whole, one behind the other up to the stuffing. */
function sectionsOf(unit: Buffer): Buffer[] {
  const sections: Buffer[] = [];
  for (let at = 0; at + 3 <= unit.length && unit[at] !== 0xff; ) {
    const end = at + 3 + (unit.readUInt16BE(at + 1) & 0x0fff);
    if (end <= unit.length) sections.push(unit.subarray(at, end));
    at = end;
  }
  return sections;
}

/** Rewrites a program map into that of clear streams; returns those that were encrypted, with their type. */
function clearMap(section: Buffer): [pid: number, type: number][] {
  const found: [number, number][] = [];
  if (section[0] !== 0x02 || section.length < 16) return found;
  const end = section.length - 4;
  for (let at = 12 + (section.readUInt16BE(10) & 0x0fff); at + 5 <= end; ) {
    const encrypted = encryptedTypes[section[at]!];
    if (encrypted) {
      found.push([section.readUInt16BE(at + 1) & 0x1fff, section[at]!]);
      section[at] = encrypted.clear;
    }
    at += 5 + (section.readUInt16BE(at + 3) & 0x0fff);
  }
  section.writeInt32BE(sectionChecksum(section.subarray(0, end)), end);
  return found;
}
