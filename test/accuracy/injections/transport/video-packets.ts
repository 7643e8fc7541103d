import { packetBytes } from '../../../../monitor/ingress/ts-packets.ts';

/** A packet of the picture in a transport stream. */
export interface VideoPacket {
  /** Offset of the packet, and of its first byte that belongs to the picture. */
  readonly at: number;
  readonly payload: number;
  /** When it is decoded, in seconds from the first picture. */
  readonly time: number;
}

/**
 * Packets of the first video stream, in order, without those that bring a PES header alone.
 * @param stream whole packets, as a muxer writes them
 */
export function videoPackets(stream: Buffer): VideoPacket[] {
  const packets: VideoPacket[] = [];
  let pid: number | undefined;
  let start: number | undefined;
  let time = 0;
  for (let at = 0; at + packetBytes <= stream.length; at += packetBytes) {
    const starts = (stream[at + 1]! & 0x40) !== 0;
    const own = stream.readUInt16BE(at + 1) & 0x1fff;
    let payload = at + 4 + ((stream[at + 3]! & 0x20) !== 0 ? 1 + stream[at + 4]! : 0);
    if (starts && startsPicture(stream, payload)) {
      pid ??= own;
      if (own === pid) {
        const decoded = decodingTime(stream, payload);
        start ??= decoded;
        time = decoded - start;
        payload += 9 + stream[payload + 8]!;
      }
    }
    if (own === pid && payload < at + packetBytes) packets.push({ at, payload, time });
  }
  return packets;
}

/** Whether a PES packet of video begins there (ISO/IEC 13818-1, table 2-22). */
function startsPicture(stream: Buffer, at: number): boolean {
  return stream.readUIntBE(at, 3) === 1 && (stream[at + 3]! & 0xf0) === 0xe0;
}

/** Seconds; the DTS, or the PTS where both are the same (ISO/IEC 13818-1 §2.4.3.7). */
function decodingTime(stream: Buffer, at: number): number {
  const field = at + ((stream[at + 7]! & 0x40) !== 0 ? 14 : 9);
  const high = (stream[field]! >> 1) & 0x07;
  const middle = stream.readUInt16BE(field + 1) >> 1;
  const low = stream.readUInt16BE(field + 3) >> 1;
  return (high * 2 ** 30 + middle * 2 ** 15 + low) / 90_000;
}
