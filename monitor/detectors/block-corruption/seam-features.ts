import { blockSize, type LumaKernels, traitBytes, widestBlockPlane } from '../../kernels/luma-kernels.ts';
import type { LumaPlane } from '../../kernels/luma-plane.ts';

/** Excess of the steps across a line that makes a seam, and below which there is none, in quarters of a level. */
const seam = { at: 24, below: 12 } as const;
/** How many samples ago a new seam was not there, nor one before, and one that lasts came up later than. */
const ago = { just: [1, 2], lasting: [5, 7] } as const;
const remembered = 8;
/** Seams of a macroblock: three phases of the grid, in two directions. */
const seams = 6;
const phases = 3;
/** Shorter runs of seams along a row of macroblocks are none. */
const shortestRun = 3;
/** The seams among the second four of a macroblock's bytes, in the byte order of WebAssembly's hosts. */
const lastSeams = 0xffff;
/** Changes of a macroblock's mean level that count, in levels. */
const changes = [8, 24] as const;

/** What becomes of seams from sample to sample. */
const states = ['now', 'new', 'gone', 'lasting'] as const;
const perState = ['d0x', 'd0r', 'd1x', 'd1r', 'a', 'b2x', 'b2r', 'b3x', 'b3r', 'runx', 'runr'] as const;

/**
 * Names of the features, in their order. `x`: how many there are on the edges of macroblocks beyond one and a half
 * times those on other lines; `r`: the logarithm of the ratio. `d0` and `d1` are seams down and along
 * macroblocks, `b2` and `b3` macroblocks with so many of their four sides set off, `run` rows of them side by side.
 */
export const featureNames: readonly string[] = [
  ...['change', 'changed8', 'changed24', 'steps'],
  ...states.flatMap((state) => perState.map((name) => `${state}-${name}`)),
];

/**
 * Describes a picture, sampled a few times a second, by the seams of its macroblocks and by what has become of those
 * of the samples before. Damage is set off at the edges of macroblocks, in rows as slices run, all at once, and
 * is gone all at once with the next key frame; what a scene has of edges lies on all lines alike.
 */
export class SeamFeatures {
  /** `blockTraits` of the last samples, the newest first. */
  #past: Uint8Array[] = [];
  #size = { width: 0, height: 0 };
  #masks = states.map(() => new Uint8Array(0));

  /** @returns nothing for pictures wider than 8K, and smaller than a macroblock */
  of(kernels: LumaKernels, plane: LumaPlane): Float64Array | undefined {
    const { width, height } = plane;
    const columns = Math.floor(width / blockSize);
    const rows = Math.floor(height / blockSize);
    const blocks = columns * rows;
    if (width > widestBlockPlane || blocks === 0) return undefined;
    if (width !== this.#size.width || height !== this.#size.height) {
      this.#past = [];
      this.#size = { width, height };
      this.#masks = states.map(() => new Uint8Array(blocks));
    }
    const own =
      (this.#past.length >= remembered ? this.#past.pop() : undefined) ?? new Uint8Array(blocks * traitBytes);
    for (let row = 0; row < rows; row++) own.set(kernels.blockTraits(plane, row), row * columns * traitBytes);
    this.#past.unshift(own);
    const features = new Float64Array(featureNames.length);
    this.#compare(blocks, features);
    states.forEach((_, state) => {
      describe(this.#masks[state]!, { columns, rows }, features, 4 + state * perState.length);
    });
    return features;
  }

  #compare(blocks: number, features: Float64Array): void {
    const [own, before, second, fifth, seventh] = [0, ...ago.just, ...ago.lasting].map(
      (index) => this.#past[Math.min(index, this.#past.length - 1)]!,
    ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const [now, fresh, gone, lasting] = this.#masks as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const [words, wordsBefore] = [new Uint32Array(own.buffer), new Uint32Array(before.buffer)];
    let change = 0;
    let changed = 0;
    let changedMuch = 0;
    let steps = 0;
    for (let block = 0; block < blocks; block++) {
      const at = block * traitBytes;
      let masks = 0;
      const any =
        strongIn(words[2 * block]!) |
        strongIn(wordsBefore[2 * block]!) |
        strongIn(words[2 * block + 1]! & lastSeams) |
        strongIn(wordsBefore[2 * block + 1]! & lastSeams);
      for (let index = any === 0 ? seams : 0; index < seams; index++) {
        const value = own[at + index]!;
        const old = before[at + index]!;
        if (value > seam.at) {
          masks |= 1 << index;
          if (old < seam.below && second[at + index]! < seam.below) masks |= 0x100 << index;
          if (old > seam.at && fifth[at + index]! < seam.below && seventh[at + index]! < seam.below)
            masks |= 0x1000000 << index;
        } else if (old > seam.at && value < seam.below) masks |= 0x10000 << index;
      }
      now[block] = masks;
      fresh[block] = masks >> 8;
      gone[block] = masks >> 16;
      lasting[block] = masks >> 24;
      const difference = Math.abs(own[at + seams]! - before[at + seams]!);
      change += difference;
      if (difference > changes[0]) changed++;
      if (difference > changes[1]) changedMuch++;
      steps += own[at + seams + 1]!;
    }
    features[0] = change / blocks;
    features[1] = changed / blocks;
    features[2] = changedMuch / blocks;
    features[3] = steps / 8 / blocks;
  }
}

/** Not 0 where one of four bytes is more than `seam.at`: it saves looking at them one by one, as most are not. */
function strongIn(word: number): number {
  return (((word & 0x7f7f7f7f) + (0x7f - seam.at) * 0x01010101) | word) & 0x80808080;
}

/** For each mask, a nibble a phase: whether the seam down the macroblock is there, and whether that along it. */
const down = Uint16Array.from({ length: 64 }, (_, mask) => spread(mask));
const along = Uint16Array.from({ length: 64 }, (_, mask) => spread(mask >> 1));

function spread(mask: number): number {
  return (mask & 1) | ((mask & 4) << 2) | ((mask & 16) << 4);
}

/** Bits of the seams that run along a macroblock. */
const alongBits = 0b101010;

/** Writes the features of one state of the seams from `to` on. */
function describe(
  mask: Uint8Array,
  { columns, rows }: { readonly columns: number; readonly rows: number },
  features: Float64Array,
  to: number,
): void {
  const masks = new Uint32Array(64);
  /** How many macroblocks have how many of their four sides, a nibble a phase. */
  const sides = new Uint32Array(4096);
  const runs = [0, 0, 0];
  const running = [0, 0, 0];
  for (let row = 0; row < rows; row++) {
    let open = 0;
    for (let column = 0; column < columns; column++) {
      const block = row * columns + column;
      const own = mask[block]!;
      const right = column + 1 < columns ? mask[block + 1]! : 0;
      const below = row + 1 < rows ? mask[block + columns]! : 0;
      if ((own | right | below) !== 0) {
        masks[own]!++;
        sides[down[own]! + along[own]! + down[right]! + along[below]!]!++;
      }
      const tops = own & alongBits;
      if ((tops | open) !== 0) continueRuns(runs, running, tops);
      open = tops;
    }
    if (open !== 0) continueRuns(runs, running, 0);
  }
  const blocks = columns * rows;
  const root = Math.sqrt(blocks);
  const downs = nibbles(masks, (value) => down[value]!, 1);
  const alongs = nibbles(masks, (value) => along[value]!, 1);
  const two = nibbles(sides, (value) => value, 2);
  const three = nibbles(sides, (value) => value, 3);
  features.set(
    [
      ...[beyond(downs) / root, ratio(downs, 2), beyond(alongs) / root, ratio(alongs, 2)],
      Math.sqrt((downs[0]! + alongs[0]!) / blocks),
      ...[beyond(two) / root, ratio(two, 1), beyond(three) / root, ratio(three, 1)],
      ...[beyond(runs) / blocks, ratio(runs, 5)],
    ],
    to,
  );
}

/** Adds up by phase how often its nibble is at least `least`. */
function nibbles(counts: Uint32Array, of: (value: number) => number, least: number): number[] {
  const sums = new Array<number>(phases).fill(0);
  for (let value = 0; value < counts.length; value++) {
    if (counts[value] === 0) continue;
    for (let phase = 0; phase < phases; phase++) {
      if (((of(value) >> (4 * phase)) & 15) >= least) sums[phase]! += counts[value]!;
    }
  }
  return sums;
}

/** Adds to `runs` the squares of those that end. */
function continueRuns(runs: number[], running: number[], tops: number): void {
  for (let phase = 0; phase < phases; phase++) {
    if ((tops >> (2 * phase + 1)) & 1) {
      running[phase]!++;
      continue;
    }
    if (running[phase]! >= shortestRun) runs[phase]! += running[phase]! ** 2;
    running[phase] = 0;
  }
}

/** How many there are on the edges of macroblocks beyond those that the content has elsewhere. */
function beyond([edges = 0, one = 0, other = 0]: readonly number[]): number {
  return Math.max(0, edges - 1.5 * Math.max(one, other));
}

function ratio([edges = 0, one = 0, other = 0]: readonly number[], slack: number): number {
  return Math.log((edges + slack) / (Math.max(one, other) + slack));
}
