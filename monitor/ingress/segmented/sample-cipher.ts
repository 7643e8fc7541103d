import { createDecipheriv } from 'node:crypto';

const block = 16;

/** A part of a sample: bytes that are clear, and then bytes that are protected (ISO/IEC 23001-7 §9.4). */
export interface Subsample {
  readonly clear: number;
  readonly encrypted: number;
}

/** Of every `crypt + skip` blocks of 16 bytes the first `crypt` are encrypted; with 0 and 0 all are. */
export interface Pattern {
  readonly crypt: number;
  readonly skip: number;
}

/** `cenc`: AES in CTR mode, one key stream over all protected bytes of a sample (ISO/IEC 23001-7 §10.1). In place. */
export function decryptCounter(
  sample: Buffer,
  subsamples: readonly Subsample[],
  key: Buffer,
  iv: Buffer,
): void {
  const ranges = protectedRanges(sample, subsamples);
  const decipher = createDecipheriv('aes-128-ctr', key, wholeBlock(iv));
  for (const range of ranges) decipher.update(range).copy(range);
}

/**
 * `cbcs`: AES in CBC mode over a pattern of blocks, begun anew in each subsample; a last block that is not whole is
 * clear (ISO/IEC 23001-7 §10.4). In place.
 */
export function decryptPattern(
  sample: Buffer,
  subsamples: readonly Subsample[],
  key: Buffer,
  iv: Buffer,
  pattern: Pattern,
): void {
  for (const range of protectedRanges(sample, subsamples)) decryptBlocks(range, key, iv, pattern);
}

/** One chain of CBC over the blocks of a pattern. In place. */
export function decryptBlocks(range: Buffer, key: Buffer, iv: Buffer, { crypt, skip }: Pattern): void {
  const run = crypt === 0 ? range.length : crypt * block;
  const encrypted: Buffer[] = [];
  for (let at = 0; at + block <= range.length; at += run + skip * block) {
    const part = range.subarray(at, at + run);
    encrypted.push(part.subarray(0, part.length - (part.length % block)));
  }
  // One call for all: a call for each block would cost more than the cipher.
  const decipher = createDecipheriv('aes-128-cbc', key, wholeBlock(iv)).setAutoPadding(false);
  const clear = decipher.update(Buffer.concat(encrypted));
  let from = 0;
  for (const part of encrypted) from += clear.copy(part, 0, from, from + part.length);
}

/** Vectors of 8 bytes are those of 16 that end with zeros (ISO/IEC 23001-7 §9.2). */
function wholeBlock(iv: Buffer): Buffer {
  const whole = Buffer.alloc(block);
  iv.copy(whole);
  return whole;
}

function protectedRanges(sample: Buffer, subsamples: readonly Subsample[]): Buffer[] {
  if (subsamples.length === 0) return [sample];
  let at = 0;
  return subsamples.map(({ clear, encrypted }) => {
    const range = sample.subarray(at + clear, at + clear + encrypted);
    at += clear + encrypted;
    return range;
  });
}
