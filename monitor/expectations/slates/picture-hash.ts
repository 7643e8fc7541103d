import { slateHashPattern } from '../../../crds/slate-hash.ts';

/** A grey picture, row by row. */
export interface GreyPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export interface PictureHash {
  /** 256 bits. */
  readonly words: Uint32Array;
  /** How much of a picture there is, 0 … 100: a flat one has no hash worth comparing. */
  readonly quality: number;
}

const hashBits = 256;

/** Below this quality a picture says too little to be known again. */
export const leastQuality = 5;

const side = 64;
const kept = 16;
/** Pairs of passes of a box filter make a tent of a 64th of the picture. */
const passes = 2;
/** Of the quality, which counts steps between samples of 64 × 64 in hundredths of the range. */
const qualityScale = 90;

/** Cosines of the discrete transform, for frequencies 1 to 16: that of the mean level is left out. */
const cosines = Float64Array.from({ length: kept * side }, (_, index) => {
  const [frequency, sample] = [Math.floor(index / side) + 1, index % side];
  return Math.sqrt(2 / side) * Math.cos((Math.PI / 2 / side) * frequency * (2 * sample + 1));
});

/**
 * PDQ, the perceptual hash of Meta's ThreatExchange ("The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing
 * Algorithm", 2019; after Zauner 2010): blurred to 64 × 64, the 16 × 16 lowest frequencies of its cosine transform
 * against their median. Survives re-encoding and scaling; neither crops nor overlays of some size.
 */
export function hashOfPicture(picture: GreyPicture): PictureHash {
  const small = shrunk(picture);
  const frequencies = transformed(small);
  const median = Float64Array.from(frequencies).sort()[frequencies.length / 2 - 1]!;
  const words = new Uint32Array(hashBits / 32);
  for (const [bit, value] of frequencies.entries()) {
    if (value > median) words[bit >> 5]! |= 1 << (bit & 31);
  }
  return { words, quality: qualityOf(small) };
}

/** As PDQ's own tools write it: the highest bit first. */
export function hashText({ words }: PictureHash): string {
  return [...words]
    .reverse()
    .map((word) => word.toString(16).padStart(8, '0'))
    .join('');
}

/** @throws RangeError for what is not 64 hexadecimal digits */
export function hashWords(text: string): Uint32Array {
  if (!slateHashPattern.test(text)) throw new RangeError('a hash has 64 hexadecimal digits');
  return Uint32Array.from({ length: hashBits / 32 }, (_, index) =>
    Number.parseInt(text.slice(56 - 8 * index, 64 - 8 * index), 16),
  );
}

/** Bits in which two hashes differ. */
export function hashDistance(a: Uint32Array, b: Uint32Array): number {
  let distance = 0;
  for (const [index, word] of a.entries()) distance += bitsIn(word ^ b[index]!);
  return distance;
}

/** Number of ones (Warren, "Hacker's Delight", §5-1). */
function bitsIn(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function shrunk({ width, height, data }: GreyPicture): Float32Array {
  const from = Float32Array.from(data);
  const to = new Float32Array(data.length);
  for (let pass = 0; pass < passes; pass++) {
    boxFilter(from, to, { lines: height, length: width, next: width, step: 1 });
    boxFilter(to, from, { lines: width, length: height, next: 1, step: width });
  }
  const small = new Float32Array(side * side);
  for (let row = 0; row < side; row++) {
    const y = Math.floor(((row + 0.5) * height) / side);
    for (let column = 0; column < side; column++)
      small[row * side + column] = from[y * width + Math.floor(((column + 0.5) * width) / side)]!;
  }
  return small;
}

/** Means along lines over windows of a 128th of their length, cut at the ends. */
function boxFilter(
  input: Float32Array,
  output: Float32Array,
  { lines, length, next, step }: { lines: number; length: number; next: number; step: number },
): void {
  const size = Math.ceil(length / (2 * side));
  const ahead = Math.floor((size + 2) / 2);
  for (let line = 0; line < lines; line++) {
    const start = line * next;
    let sum = 0;
    let count = 0;
    for (let at = 1 - ahead; at < length; at++) {
      const entering = at + ahead - 1;
      const leaving = entering - size;
      if (entering < length) {
        sum += input[start + entering * step]!;
        count++;
      }
      if (leaving >= 0) {
        sum -= input[start + leaving * step]!;
        count--;
      }
      if (at >= 0) output[start + at * step] = sum / count;
    }
  }
}

/** The 16 × 16 lowest frequencies but that of the mean. */
function transformed(small: Float32Array): Float64Array {
  const half = new Float64Array(kept * side);
  for (let i = 0; i < kept; i++)
    for (let k = 0; k < side; k++)
      for (let j = 0; j < side; j++) half[i * side + j]! += cosines[i * side + k]! * small[k * side + j]!;
  const frequencies = new Float64Array(kept * kept);
  for (let i = 0; i < kept; i++)
    for (let j = 0; j < kept; j++)
      for (let k = 0; k < side; k++)
        frequencies[i * kept + j]! += half[i * side + k]! * cosines[j * side + k]!;
  return frequencies;
}

function qualityOf(small: Float32Array): number {
  let steps = 0;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const at = row * side + column;
      if (row > 0) steps += gradient(small[at]!, small[at - side]!);
      if (column > 0) steps += gradient(small[at]!, small[at - 1]!);
    }
  }
  return Math.min(100, Math.floor(steps / qualityScale));
}

function gradient(a: number, b: number): number {
  return Math.floor((Math.abs(a - b) * 100) / 255);
}
