import { sectionChecksum } from './section-checksum.ts';
import type { VideoCodec } from './ts-access-point.ts';

export interface ElementaryStream {
  readonly pid: number;
  /** Stream type (ISO/IEC 13818-1 table 2-34). */
  readonly type: number;
  readonly track: 'video' | 'audio' | 'other';
  readonly codec: VideoCodec;
  /** Whether it carries announcements of breaks (ANSI/SCTE 35 §8.2). */
  readonly splices: boolean;
}

/** ISO/IEC 13818-1 table 2-34, with the private types that ATSC and DVB streams use. */
const videoTypes: Readonly<Record<number, VideoCodec>> = {
  1: 'mpeg2',
  2: 'mpeg2',
  16: 'other',
  27: 'h264',
  36: 'hevc',
  51: 'other',
  66: 'other',
  210: 'other',
  234: 'other',
};
const audioTypes = new Set([0x03, 0x04, 0x0f, 0x11, 0x1c, 0x80, 0x81, 0x82, 0x84, 0x85, 0x87]);
/** DTS sound where the programme is registered as one of a Blu-ray disc, otherwise announcements of breaks. */
const spliceType = 0x86;
/** Descriptors that make private data sound: AC-3, E-AC-3, DTS, AAC (ETSI EN 300 468 §6.1). */
const audioDescriptors = new Set([0x6a, 0x7a, 0x7b, 0x7c]);
const registrationDescriptor = 0x05;
const discRegistration = 'HDMV';
const audioRegistrations = new Set(['AC-3', 'EAC3', 'Opus', 'DTS1', 'DTS2', 'DTS3', 'BSSD']);
const videoRegistrations: Readonly<Record<string, VideoCodec>> = {
  HEVC: 'hevc',
  'VC-1': 'other',
  drac: 'other',
};

const longestSection = 1024;

/** Puts the sections of a PID together (ISO/IEC 13818-1 §2.4.4). */
export class SectionAssembler {
  readonly #longest: number;
  #pending = Buffer.alloc(0);

  /** `longest`: more bytes are no section. */
  constructor(longest = longestSection) {
    this.#longest = longest;
  }

  reset(): void {
    this.#pending = Buffer.alloc(0);
  }

  /** The sections that these payload bytes complete, each with its CRC. */
  read(data: Buffer, from: number, to: number, starts: boolean): Buffer[] {
    const sections: Buffer[] = [];
    if (starts) {
      const begin = from + 1 + data[from]!;
      if (this.#pending.length > 0 && begin <= to) this.#add(data.subarray(from + 1, begin), sections);
      this.#pending = Buffer.from(data.subarray(Math.min(begin, to), to));
      this.#add(Buffer.alloc(0), sections);
    } else if (this.#pending.length > 0) {
      this.#add(data.subarray(from, to), sections);
    }
    return sections;
  }

  #add(data: Buffer, sections: Buffer[]): void {
    let pending = Buffer.concat([this.#pending, data]);
    while (pending.length >= 3) {
      const size = 3 + (((pending[1]! & 0x0f) << 8) | pending[2]!);
      // Stuffing follows the last section of a packet.
      if (pending[0] === 0xff || size > this.#longest || size < 12) pending = Buffer.alloc(0);
      if (pending.length < size) break;
      sections.push(pending.subarray(0, size));
      pending = pending.subarray(size);
    }
    this.#pending = pending;
  }
}

/** Whether the CRC of a section that has one is wrong. */
export function isDamaged(section: Buffer): boolean {
  return (section[1]! & 0x80) !== 0 && sectionChecksum(section) !== 0;
}

/** Whether a section of the association or of a map tells what will be, rather than what is (§2.4.4.5, §2.4.4.9). */
export function isYetToCome(section: Buffer): boolean {
  return (section[5]! & 0x01) === 0;
}

/** Programmes of a programme association section, in order, with the PIDs of their maps; none for another table. */
export function programs(section: Buffer): { readonly program: number; readonly mapPid: number }[] {
  const found: { program: number; mapPid: number }[] = [];
  if (section[0] !== 0x00) return found;
  for (let at = 8; at + 8 <= section.length; at += 4) {
    const program = section.readUInt16BE(at);
    if (program !== 0) found.push({ program, mapPid: section.readUInt16BE(at + 2) & 0x1fff });
  }
  return found;
}

/** The programme of a programme map section; several may have their maps on one PID. */
export function programOf(section: Buffer): number {
  return section.readUInt16BE(3);
}

/** The PID whose packets carry the clock of a programme map section; none where the programme has no clock. */
export function clockPid(section: Buffer): number | undefined {
  const pid = section.readUInt16BE(8) & 0x1fff;
  return pid === 0x1fff ? undefined : pid;
}

/** Elementary streams of a programme map section; none for another table. */
export function elementaryStreams(section: Buffer): ElementaryStream[] {
  const streams: ElementaryStream[] = [];
  if (section[0] !== 0x02 || section.length < 12) return streams;
  let at = 12 + (section.readUInt16BE(10) & 0x0fff);
  const isDisc = registrations(section.subarray(12, at)).includes(discRegistration);
  while (at + 9 <= section.length) {
    const pid = section.readUInt16BE(at + 1) & 0x1fff;
    const end = Math.min(at + 5 + (section.readUInt16BE(at + 3) & 0x0fff), section.length - 4);
    const type = section[at]!;
    const own = section.subarray(at + 5, end);
    const isSound = type === spliceType && (isDisc || registrations(own).includes(discRegistration));
    const splices = type === spliceType && !isSound;
    const kind = isSound ? ({ track: 'audio', codec: 'other' } as const) : classify(type, own);
    streams.push({ pid, type, ...kind, splices });
    at = end;
  }
  return streams;
}

function classify(type: number, descriptors: Buffer): Pick<ElementaryStream, 'track' | 'codec'> {
  const codec = videoTypes[type];
  if (codec) return { track: 'video', codec };
  if (audioTypes.has(type)) return { track: 'audio', codec: 'other' };
  if (type !== 0x06) return { track: 'other', codec: 'other' };
  for (const { tag, registration } of described(descriptors)) {
    if (audioDescriptors.has(tag) || audioRegistrations.has(registration))
      return { track: 'audio', codec: 'other' };
    const video = videoRegistrations[registration];
    if (video) return { track: 'video', codec: video };
  }
  return { track: 'other', codec: 'other' };
}

/** The descriptors of a loop by their tags; `registration` is empty for those that register nothing. */
function described(loop: Buffer): { readonly tag: number; readonly registration: string }[] {
  const found = [];
  for (let at = 0; at + 2 <= loop.length; at += 2 + loop[at + 1]!) {
    const tag = loop[at]!;
    found.push({
      tag,
      registration: tag === registrationDescriptor ? loop.toString('latin1', at + 2, at + 6) : '',
    });
  }
  return found;
}

function registrations(loop: Buffer): string[] {
  return described(loop).map(({ registration }) => registration);
}
