import { transportPayload } from './rtp.ts';

const packetBytes = 188;
const syncByte = 0x47;

/**
 * Joins datagrams to one transport stream: whole packets (plain, or over RTP), and plain packets that the sender
 * cut anywhere, as ffmpeg does without `pkt_size=1316`. What belongs to no transport stream is left out.
 */
export class TsDatagrams {
  /** Bytes that the last packet still lacks. */
  #missing = 0;

  /** What the datagram adds to the stream; `undefined` when that is nothing. */
  take(datagram: Buffer): Buffer | undefined {
    if (this.#missing > 0 && isPacketsFrom(datagram, this.#missing)) {
      this.#missing = missingAfter(datagram.length - this.#missing);
      return datagram;
    }
    const payload = transportPayload(datagram) ?? fromFirstPacket(datagram);
    if (payload) this.#missing = missingAfter(payload.length);
    return payload;
  }
}

/** Of so many bytes from the start of a packet; below zero, that many bytes before it. */
function missingAfter(bytes: number): number {
  return bytes < 0 ? -bytes : (packetBytes - (bytes % packetBytes)) % packetBytes;
}

/** What follows a loss, or the moment of joining: three packets in a row show where they begin. */
function fromFirstPacket(datagram: Buffer): Buffer | undefined {
  for (let start = 0; start < packetBytes && start + 2 * packetBytes < datagram.length; start++) {
    if (datagram[start] === syncByte && isPacketsFrom(datagram, start)) return datagram.subarray(start);
  }
  return undefined;
}

function isPacketsFrom(datagram: Buffer, start: number): boolean {
  for (let at = start; at < datagram.length; at += packetBytes) {
    if (datagram[at] !== syncByte) return false;
  }
  return true;
}
