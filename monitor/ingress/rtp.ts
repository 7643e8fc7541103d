const headerBytes = 12;
const version2 = 0x80;

/**
 * The MPEG-TS packets that a datagram carries: all of it, or what follows its RTP header (RFC 3550 §5.1, RFC 2250
 * §2); `undefined` when it carries none. RTP is told apart by its version bits, which a sync byte cannot have.
 */
export function transportPayload(datagram: Buffer): Buffer | undefined {
  if (datagram[0] === 0x47) return datagram;
  if (datagram.length < headerBytes || (datagram[0]! & 0xc0) !== version2) return undefined;
  const flags = datagram[0]!;
  let start = headerBytes + 4 * (flags & 0x0f);
  if ((flags & 0x10) !== 0) {
    if (start + 4 > datagram.length) return undefined;
    start += 4 + 4 * datagram.readUInt16BE(start + 2);
  }
  const padding = (flags & 0x20) !== 0 ? datagram.at(-1)! : 0;
  const end = datagram.length - padding;
  return start < end && datagram[start] === 0x47 ? datagram.subarray(start, end) : undefined;
}
