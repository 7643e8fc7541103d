/**
 * CRC-32 of sections (ISO/IEC 13818-1 annex A), as a signed 32-bit number; 0 over a whole section whose own CRC, its
 * last four bytes, is right.
 */
export function sectionChecksum(section: Iterable<number>): number {
  let crc = 0xffffffff;
  for (const byte of section) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc | 0;
}
