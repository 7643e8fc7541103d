import { adtsFrameLength, adtsHeaderBytes, adtsHeaderLength, isAdtsFrame } from './adts.ts';
import { decryptBlocks } from './sample-cipher.ts';

/** Shorter NAL units are clear. */
const longestClearUnit = 48;
/** Of a NAL unit, and of a frame of sound behind its header: bytes that are clear at the start. */
const [unitLeader, soundLeader] = [32, 16];
/** One block of 16 bytes in ten. */
const videoPattern = { crypt: 1, skip: 9 };
const everyBlock = { crypt: 0, skip: 0 };

/**
 * H.264 as a byte stream (ITU-T H.264 annex B): slices of types 1 and 5. Taking off the emulation prevention that
 * encryption made necessary leaves a unit shorter; zeros, which may follow any unit, fill it up. In place.
 */
export function decryptNalUnits(data: Buffer, key: Buffer, iv: Buffer): void {
  for (let start = afterStartCode(data, 0); start >= 0; ) {
    const next = afterStartCode(data, start);
    const unit = data.subarray(start, next < 0 ? data.length : next - 3);
    const type = unit[0]! & 0x1f;
    if ((type === 1 || type === 5) && trimmed(unit).length > longestClearUnit)
      decryptUnit(trimmed(unit), key, iv);
    start = next;
  }
}

function decryptUnit(unit: Buffer, key: Buffer, iv: Buffer): void {
  const plain = withoutEmulationPrevention(unit);
  // The last bytes of a unit are clear, a whole block of them too.
  decryptBlocks(plain.subarray(unitLeader, plain.length - 1), key, iv, videoPattern);
  plain.copy(unit);
  unit.fill(0, plain.length);
}

/** AAC with ADTS headers. In place. */
export function decryptAacFrames(data: Buffer, key: Buffer, iv: Buffer): void {
  for (let at = 0; at + adtsHeaderBytes <= data.length; ) {
    if (!isAdtsFrame(data, at)) {
      at++;
      continue;
    }
    const size = adtsFrameLength(data, at);
    const header = adtsHeaderLength(data, at);
    decryptSound(data.subarray(at + header, at + size), key, iv);
    at += Math.max(size, header);
  }
}

/** AC-3 (ETSI TS 102 366 §4.4.1, table 4.1). In place. */
export function decryptAc3Frames(data: Buffer, key: Buffer, iv: Buffer): void {
  decryptSyncFrames(data, key, iv, (frame) => {
    const code = frame[4]! & 0x3f;
    const kilobits = ac3Rates[code >> 1];
    if (kilobits === undefined) return undefined;
    switch (frame[4]! >> 6) {
      case 0:
        return 4 * kilobits;
      case 1:
        return 2 * (Math.floor((320 * kilobits) / 147) + (code & 1));
      case 2:
        return 6 * kilobits;
    }
    return undefined;
  });
}
const ac3Rates = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];

/** E-AC-3 (ETSI TS 102 366 §E.1.3.1.3). In place. */
export function decryptEac3Frames(data: Buffer, key: Buffer, iv: Buffer): void {
  decryptSyncFrames(data, key, iv, (frame) => 2 * ((frame.readUInt16BE(2) & 0x07ff) + 1));
}

function decryptSyncFrames(
  data: Buffer,
  key: Buffer,
  iv: Buffer,
  sizeOf: (frame: Buffer) => number | undefined,
): void {
  for (let at = 0; at + 6 <= data.length; ) {
    const frame = data.subarray(at);
    const size = frame.readUInt16BE(0) === 0x0b77 ? sizeOf(frame) : undefined;
    if (size !== undefined) decryptSound(frame.subarray(0, size), key, iv);
    at += size ?? 1;
  }
}

function decryptSound(frame: Buffer, key: Buffer, iv: Buffer): void {
  if (frame.length > soundLeader) decryptBlocks(frame.subarray(soundLeader), key, iv, everyBlock);
}

/** Where the next NAL unit starts; −1 without another. */
function afterStartCode(data: Buffer, from: number): number {
  const at = data.indexOf(startCode, from);
  return at < 0 ? -1 : at + 3;
}
const startCode = Buffer.from([0, 0, 1]);

/** Without the zeros behind it, which are no part of a unit. */
function trimmed(unit: Buffer): Buffer {
  let end = unit.length;
  while (end > 0 && unit[end - 1] === 0) end--;
  return unit.subarray(0, end);
}

/** ITU-T H.264 §7.4.1.1. */
function withoutEmulationPrevention(unit: Buffer): Buffer {
  const plain = Buffer.allocUnsafe(unit.length);
  let size = 0;
  let start = 0;
  for (let at = unit.indexOf(emulationPrevention); at >= 0; at = unit.indexOf(emulationPrevention, start)) {
    size += unit.copy(plain, size, start, at + 2);
    start = at + 3;
  }
  size += unit.copy(plain, size, start);
  return plain.subarray(0, size);
}
const emulationPrevention = Buffer.from([0, 0, 3]);
