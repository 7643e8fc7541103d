import { guessCodec, type VideoCodec } from './ts-access-point.ts';

/** Streams can lack tables, or be joined long before the next: PES stream ids tell tracks apart too (table 2-22). */
export function guessedTrack(
  data: Buffer,
  at: number,
  end: number,
): { readonly track: 'video' | 'audio'; readonly codec: VideoCodec } | undefined {
  if (end - at < 9 || data[at] !== 0 || data[at + 1] !== 0 || data[at + 2] !== 1) return undefined;
  const id = data[at + 3]!;
  if (id >= 0xc0 && id <= 0xdf) return { track: 'audio', codec: 'other' };
  if (id < 0xe0 || id > 0xef) return undefined;
  return { track: 'video', codec: guessCodec(data, at + 9 + data[at + 8]!, end) };
}

/** A program clock reference in ticks of 27 MHz (ISO/IEC 13818-1 §2.4.3.5). */
export function clockReference(data: Buffer, at: number): number {
  const base = data.readUInt32BE(at) * 2 + (data[at + 4]! >> 7);
  return base * 300 + (((data[at + 4]! & 0x01) << 8) | data[at + 5]!);
}

/** PTS of a PES header in seconds (ISO/IEC 13818-1 §2.4.3.7), where it has one. */
export function presentationTime(data: Buffer, at: number, end: number): number | undefined {
  if ((data[at + 7]! & 0x80) === 0 || at + 14 > end) return undefined;
  const high = (data[at + 9]! >> 1) & 0x07;
  const middle = ((data[at + 10]! << 8) | data[at + 11]!) >> 1;
  const low = ((data[at + 12]! << 8) | data[at + 13]!) >> 1;
  return (high * 2 ** 30 + middle * 2 ** 15 + low) / 90_000;
}
