import { sectionChecksum } from '../section-checksum.ts';
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
  const maps = new Set<number>();
  const streams = new Map<number, { readonly type: number; readonly slices: Buffer[] }>();
  for (let at = 0; at + packetSize <= segment.length; at += packetSize) {
    const packet = segment.subarray(at, at + packetSize);
    const payload = payloadOf(packet);
    if (!payload) continue;
    const pid = packet.readUInt16BE(1) & 0x1fff;
    const starts = (packet[1]! & 0x40) !== 0;
    if (pid === 0 && starts) for (const map of programMaps(payload)) maps.add(map);
    else if (maps.has(pid) && starts) {
      for (const [stream, type] of clearMap(payload)) {
        if (!streams.has(stream)) streams.set(stream, { type, slices: [] });
      }
    } else streams.get(pid)?.slices.push(starts ? withoutHeader(payload) : payload);
  }
  for (const { type, slices } of streams.values()) {
    const data = Buffer.concat(slices);
    encryptedTypes[type]!.decrypt(data, key, iv);
    let at = 0;
    for (const slice of slices) at += data.copy(slice, 0, at, at + slice.length);
  }
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

function programMaps(payload: Buffer): number[] {
  const section = sectionIn(payload);
  const pids: number[] = [];
  for (let at = 8; section && at + 4 <= section.length - 4; at += 4) {
    if (section.readUInt16BE(at) !== 0) pids.push(section.readUInt16BE(at + 2) & 0x1fff);
  }
  return pids;
}

/** Rewrites a program map into that of clear streams; returns those that were encrypted, with their type. */
function clearMap(payload: Buffer): [pid: number, type: number][] {
  const section = sectionIn(payload);
  const found: [number, number][] = [];
  if (section?.[0] !== 0x02 || section.length < 16) return found;
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

/** The section that starts in this packet, when it is whole. */
function sectionIn(payload: Buffer): Buffer | undefined {
  const start = 1 + payload[0]!;
  if (start + 3 > payload.length) return undefined;
  const end = start + 3 + (payload.readUInt16BE(start + 1) & 0x0fff);
  return end <= payload.length ? payload.subarray(start, end) : undefined;
}
