import { type Fields, NutError } from './nut-fields.ts';

/** Flags of a frame header (NUT specification, `frame_flags`). */
export const flag = {
  codedPts: 8,
  streamId: 16,
  sizeMsb: 32,
  checksum: 64,
  reserved: 128,
  sideData: 256,
  headerIndex: 1024,
  matchTime: 2048,
  coded: 4096,
  invalid: 8192,
} as const;
/** What a frame's first byte says of it; the flags may be changed by the frame itself. */
export interface FrameCode {
  readonly flags: number;
  readonly ptsDelta: number;
  readonly sizeMultiplier: number;
  readonly sizeLsb: number;
  readonly reserved: number;
  readonly headerIndex: number;
}

/**
 * Reads the table of 256 frame codes from a main header.
 * @throws NutError when it describes less or more than that
 */
export function readFrameCodes(fields: Fields): (FrameCode | undefined)[] {
  const codes: (FrameCode | undefined)[] = [];
  let ptsDelta = 0;
  let sizeMultiplier = 1;
  let headerIndex = 0;
  while (codes.length < 256) {
    const flags = fields.unsigned();
    const given = fields.unsigned();
    if (given > 0) ptsDelta = fields.signed();
    if (given > 1) sizeMultiplier = fields.unsigned();
    if (given > 2) fields.unsigned();
    const sizeLsb = given > 3 ? fields.unsigned() : 0;
    const reserved = given > 4 ? fields.unsigned() : 0;
    const count = given > 5 ? fields.unsigned() : sizeMultiplier - sizeLsb;
    if (given > 6) fields.signed();
    if (given > 7) headerIndex = fields.unsigned();
    for (let index = 8; index < given; index++) fields.unsigned();
    if (count <= 0 || count > 256) throw new NutError('an impossible frame code table');
    for (let index = 0; index < count && codes.length < 256; ) {
      if (codes.length === 0x4e) {
        codes.push(undefined);
        continue;
      }
      codes.push(
        flags & flag.invalid
          ? undefined
          : { flags, ptsDelta, sizeMultiplier, sizeLsb: sizeLsb + index, reserved, headerIndex },
      );
      index++;
    }
  }
  return codes;
}
