/** Bytes of a header (ISO/IEC 13818-7 §6.2) without a CRC. */
export const adtsHeaderBytes = 7;

/** Whether an ADTS frame starts here: sync word, layer 0. */
export function isAdtsFrame(data: Buffer, at: number): boolean {
  return at + 2 <= data.length && data[at] === 0xff && (data[at + 1]! & 0xf6) === 0xf0;
}

/** Bytes of the frame that starts here, its header included; what the header says, however wrong. */
export function adtsFrameLength(data: Buffer, at: number): number {
  return ((data[at + 3]! & 0x03) << 11) | (data[at + 4]! << 3) | (data[at + 5]! >> 5);
}

/** Bytes of that header, with its CRC where it has one. */
export function adtsHeaderLength(data: Buffer, at: number): number {
  return data[at + 1]! & 0x01 ? adtsHeaderBytes : adtsHeaderBytes + 2;
}
