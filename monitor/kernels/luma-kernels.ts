import { readFileSync } from 'node:fs';
import { type FrameStatistics, type LumaPlane, tileColumns, tileRows } from './luma-plane.ts';

/** Reduced planes have about this many columns: enough for freeze and black, cheap for every frame. */
export const reducedColumns = 320;

/** Factor by which both sides of a plane of this width are reduced; at least 1. */
export function reductionFactor(width: number): number {
  return Math.max(1, Math.round(width / reducedColumns));
}

interface Exports {
  reduce(source: number, width: number, height: number, factor: number, destination: number): void;
  tileDifferences(
    current: number,
    previous: number,
    width: number,
    height: number,
    tileColumns: number,
    tileRows: number,
    destination: number,
  ): number;
  histogram(source: number, length: number, destination: number): void;
  blockRowAddress(): number;
  blockTraits(plane: number, width: number, blockRow: number): void;
  blockSeams(
    current: number,
    previous: number,
    width: number,
    blockRow: number,
    seam: number,
    texture: number,
  ): void;
  blockChanges(current: number, previous: number, width: number, blockRow: number): void;
}

const compiled = new WebAssembly.Module(readFileSync(new URL('luma.wasm', import.meta.url)));
const pageBytes = 65_536;
/** The first page stays the module's own. */
const firstFree = pageBytes;

/**
 * The frame kernels of one stream, with the memory that its planes live in. Planes are allocated for one
 * picture size; `reset` starts over with another.
 */
export class LumaKernels {
  readonly #memory = new WebAssembly.Memory({ initial: 2 });
  readonly #exports: Exports;
  #next = firstFree;

  constructor() {
    const instance = new WebAssembly.Instance(compiled, { env: { memory: this.#memory, abort: trap } });
    this.#exports = instance.exports as unknown as Exports;
  }

  /** Frees every plane; views handed out before are void. */
  reset(): void {
    this.#next = firstFree;
  }

  /** Reserves memory and returns its address. Growing the memory voids views made before. */
  allocate(bytes: number): number {
    const address = this.#next;
    this.#next = (address + bytes + 15) & ~15;
    const missing = this.#next - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / pageBytes));
    return address;
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, length);
  }

  plane(address: number, width: number, height: number): LumaPlane {
    return { width, height, data: this.bytes(address, width * height) };
  }

  /** Area-averages `source` by `factor` into `destination`, a plane of the floor of both sides. */
  reduce(source: LumaPlane, factor: number, destination: LumaPlane): void {
    this.#exports.reduce(
      source.data.byteOffset,
      source.width,
      source.height,
      factor,
      destination.data.byteOffset,
    );
  }

  /** Statistics of `current`, against `previous` where there is one; `scratch` is `statisticsBytes` long. */
  statistics(current: LumaPlane, previous: LumaPlane | undefined, scratch: number): FrameStatistics {
    const { width, height, data } = current;
    const tiles = new Float32Array(this.#memory.buffer, scratch + 1024, tileColumns * tileRows);
    const histogram = new Uint32Array(this.#memory.buffer, scratch, 256);
    this.#exports.histogram(data.byteOffset, width * height, scratch);
    let difference = Number.NaN;
    if (previous) {
      difference = this.#exports.tileDifferences(
        data.byteOffset,
        previous.data.byteOffset,
        width,
        height,
        tileColumns,
        tileRows,
        scratch + 1024,
      );
    } else {
      tiles.fill(Number.NaN);
    }
    let sum = 0;
    for (let level = 0; level < 256; level++) sum += level * histogram[level]!;
    return { difference, tileDifferences: tiles, mean: sum / (width * height), histogram };
  }

  /**
   * How strongly the macroblocks of one row are set off: `traitBytes` values each, for which see the kernel. Partial
   * macroblocks at the right are left out. Valid until the next call.
   * @throws RangeError for a row that is not whole within the plane, or a plane wider than 8192 samples
   */
  blockTraits({ width, height, data }: LumaPlane, blockRow: number): Uint8Array {
    if (width > widestBlockPlane || blockRow < 0 || (blockRow + 1) * blockSize > height) {
      throw new RangeError(`no macroblock row ${blockRow} in a plane of ${width} × ${height}`);
    }
    this.#exports.blockTraits(data.byteOffset, width, blockRow);
    return this.bytes(this.#exports.blockRowAddress(), traitBytes * Math.floor(width / blockSize));
  }

  /**
   * Where the macroblocks of one row are set off against their surroundings, a value each; for their bits see the
   * kernel. `seam` is the least excess of the steps across a line, summed over a macroblock's side, `texture` the
   * least mean step within. Partial macroblocks at the right are left out. Valid until the next call.
   * @throws RangeError for a row that is not whole within the plane, or a plane wider than 8192 samples
   */
  blockSeams(
    current: LumaPlane,
    previous: LumaPlane,
    blockRow: number,
    { seam, texture }: { readonly seam: number; readonly texture: number },
  ): Uint16Array {
    const { width, data } = current;
    requireBlockRow(current, blockRow);
    this.#exports.blockSeams(data.byteOffset, previous.data.byteOffset, width, blockRow, seam, texture);
    return this.#blockRow(width);
  }

  /**
   * Change of the macroblocks of one row since the previous frame: sum of the absolute differences of
   * `changeSamples` of its samples each. Partial macroblocks at the right are left out. Valid until the next call.
   * @throws RangeError for a row that is not whole within the plane, or a plane wider than 8192 samples
   */
  blockChanges(current: LumaPlane, previous: LumaPlane, blockRow: number): Uint16Array {
    const { width, data } = current;
    requireBlockRow(current, blockRow);
    this.#exports.blockChanges(data.byteOffset, previous.data.byteOffset, width, blockRow);
    return this.#blockRow(width);
  }

  #blockRow(width: number): Uint16Array {
    const columns = Math.floor(width / blockSize);
    return new Uint16Array(this.#memory.buffer, this.#exports.blockRowAddress(), columns);
  }
}

function requireBlockRow({ width, height }: LumaPlane, blockRow: number): void {
  if (width > widestBlockPlane || blockRow < 0 || (blockRow + 1) * blockSize > height)
    throw new RangeError(`no macroblock row ${blockRow} in a plane of ${width} × ${height}`);
}

/** Samples on a side of a macroblock. */
export const blockSize = 16;
/** Bit of a seam in a value of `blockSeams`, by phase and direction; that of a new one lies `newSeam` further up. */
export function seamBit(phase: number, direction: number): number {
  return 1 << (phase * 2 + direction);
}
export const newSeam = 6;
/** Samples of a macroblock that `blockChanges` compares: four lines of it. */
export const changeSamples = 4 * blockSize;
/** Bit of a macroblock with a new seam that holds detail. */
export const texturedBlock = 1 << 12;
/** Wider planes do not fit the module's own page: 8K. */
export const widestBlockPlane = 8192;
/** Values of `blockTraits` for each macroblock: seams by phase and direction, then level and steps. */
export const traitBytes = 8;

/** Scratch that `statistics` needs. */
export const statisticsBytes = 1024 + 4 * tileColumns * tileRows;

function trap(): never {
  throw new Error('a frame kernel left its bounds');
}
