import { sectionChecksum } from '../../../../monitor/ingress/section-checksum.ts';

/** A splice_insert() or a time_signal() with one segmentation (ANSI/SCTE 35 §9.7, §10.3.3). Times in seconds. */
export interface SpliceFields {
  readonly event?: number;
  readonly cancelled?: boolean;
  readonly out?: boolean;
  /** PTS; at once without. */
  readonly time?: number;
  readonly duration?: number;
  readonly autoReturn?: boolean;
  /** PTS of components, instead of one of the programme. */
  readonly components?: readonly number[];
  /** Segmentation type: a time_signal() instead of a splice_insert(). */
  readonly segmentation?: number;
  readonly adjustment?: number;
  readonly encrypted?: boolean;
}

/** The section with its CRC. */
export function spliceSection(fields: SpliceFields = {}): Buffer {
  const { segmentation, adjustment = 0, encrypted = false } = fields;
  const command = segmentation === undefined ? insert(fields) : time(fields.time);
  const descriptors = segmentation === undefined ? '' : segmented(fields);
  const rest =
    bits(0, 8) +
    bits(encrypted ? 1 : 0, 1) +
    bits(0, 6) +
    ticks(adjustment) +
    bits(0, 8) +
    bits(0xfff, 12) +
    bits(command.length / 8, 12) +
    bits(segmentation === undefined ? 0x05 : 0x06, 8) +
    command +
    bits(descriptors.length / 8, 16) +
    descriptors;
  const body = bytes(bits(0xfc, 8) + bits(0x3, 4) + bits(rest.length / 8 + 4, 12) + rest);
  const checksum = Buffer.alloc(4);
  checksum.writeInt32BE(sectionChecksum(body));
  return Buffer.concat([body, checksum]);
}

function insert({ event = 1, cancelled = false, out = true, components, ...fields }: SpliceFields): string {
  const { time: at, duration, autoReturn = true } = fields;
  const immediate = at === undefined && components === undefined;
  const head = bits(event, 32) + bits(cancelled ? 1 : 0, 1) + bits(0x7f, 7);
  if (cancelled) return head;
  return (
    head +
    [out, components === undefined, duration !== undefined, immediate]
      .map((set) => bits(set ? 1 : 0, 1))
      .join('') +
    bits(0xf, 4) +
    (components
      ? bits(components.length, 8) + components.map((each, tag) => bits(tag, 8) + time(each)).join('')
      : immediate
        ? ''
        : time(at)) +
    (duration === undefined ? '' : bits(autoReturn ? 1 : 0, 1) + bits(0x3f, 6) + ticks(duration)) +
    bits(1, 16) +
    bits(0, 16)
  );
}

function segmented({ event = 1, cancelled = false, duration, segmentation = 0 }: SpliceFields): string {
  const head = bits(0x43554549, 32) + bits(event, 32) + bits(cancelled ? 1 : 0, 1) + bits(0x7f, 7);
  const rest = cancelled
    ? ''
    : `1${duration === undefined ? 0 : 1}${bits(0x3f, 6)}` +
      (duration === undefined ? '' : bits(Math.round(duration * 90_000), 40)) +
      bits(0, 16) +
      bits(segmentation, 8) +
      bits(0, 16);
  return bits(0x02, 8) + bits((head + rest).length / 8, 8) + head + rest;
}

function time(at: number | undefined): string {
  return at === undefined ? bits(0x7f, 8) : `1${bits(0x3f, 6)}${ticks(at)}`;
}

function ticks(seconds: number): string {
  return bits(Math.round(seconds * 90_000), 33);
}

function bits(value: number, count: number): string {
  return value.toString(2).padStart(count, '0');
}

function bytes(text: string): Buffer {
  return Buffer.from(text.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)));
}
