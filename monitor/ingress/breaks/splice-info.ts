import { sectionChecksum } from '../section-checksum.ts';

/** Ticks of PTS and of durations a second (ANSI/SCTE 35 §9.8). */
const ticksPerSecond = 90_000;
const ptsTicks = 2 ** 33;

/** splice_insert() (ANSI/SCTE 35 §9.7.3): the older command for breaks. */
export interface SpliceInsert {
  readonly command: 'splice-insert';
  readonly event: number;
  readonly cancelled: boolean;
  /** Whether the programme is left (out of the network) or returned to. */
  readonly out: boolean;
  /** PTS in seconds, below 2³³ ÷ 90,000, of the earliest component; absent for at once. */
  readonly time?: number;
  /** Seconds; with or without auto_return it bounds the break, should nothing end it before (§9.8.2). */
  readonly duration?: number;
}

/** time_signal() (§9.7.4): what happens then is in its segmentation descriptors. */
export interface TimeSignal {
  readonly command: 'time-signal';
  /** PTS in seconds, below 2³³ ÷ 90,000; absent for at once. */
  readonly time?: number;
  readonly segmentations: readonly Segmentation[];
}

/** segmentation_descriptor() (§10.3.3). */
export interface Segmentation {
  readonly event: number;
  readonly cancelled: boolean;
  /** segmentation_type_id (table 23); 0 where cancelled. */
  readonly type: number;
  /** Seconds. */
  readonly duration?: number;
}

/** A splice_info_section, or why it says nothing that can be used. */
export type SpliceInfo = SpliceInsert | TimeSignal | { readonly command: 'other' | 'encrypted' | 'damaged' };

/**
 * Reads a splice_info_section (ANSI/SCTE 35 §9.6) with its CRC. Takes any bytes without failing: what is cut short
 * or does not check out is `damaged`, what is scrambled `encrypted`, commands that announce no break are `other`.
 */
export function parseSpliceInfo(section: Uint8Array): SpliceInfo {
  const bits = new BitReader(section);
  try {
    if (bits.take(8) !== 0xfc) return { command: 'damaged' };
    bits.take(4);
    const end = 3 + bits.take(12);
    if (end > section.length || end < 18 || sectionChecksum(section.subarray(0, end)) !== 0)
      return { command: 'damaged' };
    if (bits.take(8) !== 0) return { command: 'other' };
    const encrypted = bits.flag();
    bits.take(6);
    const adjustment = bits.take(33);
    bits.take(8 + 12);
    if (encrypted) return { command: 'encrypted' };
    const length = bits.take(12);
    const command = bits.take(8);
    const begin = bits.position;
    const read =
      command === 0x05
        ? spliceInsert(bits, adjustment)
        : command === 0x06
          ? timeSignal(bits, adjustment)
          : undefined;
    if (!read) return { command: 'other' };
    if (read.command === 'splice-insert') return read;
    // Older encoders write 0xfff for a length that they do not tell.
    if (length !== 0xfff) bits.position = begin + 8 * length;
    return { ...read, segmentations: segmentations(bits) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { command: 'damaged' };
  }
}

function spliceInsert(bits: BitReader, adjustment: number): SpliceInsert {
  const event = bits.take(32);
  const cancelled = bits.flag();
  bits.take(7);
  if (cancelled) return { command: 'splice-insert', event, cancelled, out: false };
  const out = bits.flag();
  const whole = bits.flag();
  const hasDuration = bits.flag();
  const immediate = bits.flag();
  bits.take(4);
  const times: (number | undefined)[] = [];
  if (whole && !immediate) times.push(spliceTime(bits, adjustment));
  if (!whole) {
    const components = bits.take(8);
    for (let index = 0; index < components; index++) {
      bits.take(8);
      if (!immediate) times.push(spliceTime(bits, adjustment));
    }
  }
  const told = times.filter((time) => time !== undefined);
  const duration = hasDuration ? breakDuration(bits) : undefined;
  return {
    ...{ command: 'splice-insert', event, cancelled, out },
    ...(told.length > 0 && { time: Math.min(...told) }),
    ...(duration !== undefined && { duration }),
  };
}

/** break_duration() (§9.8.2). Without auto_return it is what counts should the return be lost: no difference here. */
function breakDuration(bits: BitReader): number {
  bits.take(7);
  return bits.take(33) / ticksPerSecond;
}

function timeSignal(bits: BitReader, adjustment: number): Omit<TimeSignal, 'segmentations'> {
  const time = spliceTime(bits, adjustment);
  return { command: 'time-signal', ...(time !== undefined && { time }) };
}

/** splice_time() (§9.8.1), moved on by pts_adjustment, which remultiplexers set (§9.6). */
function spliceTime(bits: BitReader, adjustment: number): number | undefined {
  const specified = bits.flag();
  if (!specified) {
    bits.take(7);
    return undefined;
  }
  bits.take(6);
  return ((bits.take(33) + adjustment) % ptsTicks) / ticksPerSecond;
}

function segmentations(bits: BitReader): Segmentation[] {
  const found: Segmentation[] = [];
  const length = bits.take(16);
  const end = bits.position + 8 * length;
  while (bits.position + 16 <= end) {
    const tag = bits.take(8);
    const next = 8 * bits.take(8) + bits.position;
    if (next > end) throw new RangeError('a descriptor is longer than their loop');
    // 'CUEI' (§10.1): descriptors of others are private.
    if (tag === 0x02 && bits.take(32) === 0x43554549) found.push(segmentation(bits));
    bits.position = next;
  }
  return found;
}

function segmentation(bits: BitReader): Segmentation {
  const event = bits.take(32);
  const cancelled = bits.flag();
  bits.take(7);
  if (cancelled) return { event, cancelled, type: 0 };
  const whole = bits.flag();
  const hasDuration = bits.flag();
  bits.take(6);
  if (!whole) bits.skip(6 * bits.take(8));
  const duration = hasDuration ? bits.take(40) / ticksPerSecond : undefined;
  bits.take(8);
  bits.skip(bits.take(8));
  return { event, cancelled, type: bits.take(8), ...(duration !== undefined && { duration }) };
}

/** Reads big-endian numbers of up to 48 bits. */
class BitReader {
  /** In bits. */
  position = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  flag(): boolean {
    return this.take(1) === 1;
  }

  skip(bytes: number): void {
    this.position += 8 * bytes;
  }

  /** @throws RangeError beyond the last byte */
  take(count: number): number {
    if (this.position + count > 8 * this.#bytes.length) throw new RangeError('the section is cut short');
    let value = 0;
    for (let bit = this.position; bit < this.position + count; bit++)
      value = 2 * value + ((this.#bytes[bit >> 3]! >> (7 - (bit & 7))) & 1);
    this.position += count;
    return value;
  }
}
