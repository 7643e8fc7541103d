// Frame kernels in WASM SIMD, over 8-bit luma planes in the imported memory. Compiled by `npm run generate`.

/** What a kernel keeps during a call lies in the module's own first page, which is otherwise free. */
const scratch: usize = 1024;

/**
 * Box-averages factor × factor samples into one, rounding half up. Destination is
 * floor(width/factor) × floor(height/factor). Factor at most 257; width at most 32 000.
 */
export function reduce(source: usize, width: i32, height: i32, factor: i32, destination: usize): void {
  const columns = width / factor;
  const rows = height / factor;
  const area = <u32>(factor * factor);
  const half = area >> 1;
  for (let row = 0; row < rows; row++) {
    sumColumns(source + <usize>(row * factor * width), width, columns * factor, factor);
    let at = scratch;
    for (let column = 0; column < columns; column++) {
      let sum: u32 = 0;
      for (let x = 0; x < factor; x++) {
        sum += load<u16>(at);
        at += 2;
      }
      store<u8>(destination + <usize>(row * columns + column), (sum + half) / area);
    }
  }
}

/** Sums `rows` rows of samples into one row of u16 in the scratch. */
function sumColumns(source: usize, width: i32, columns: i32, rows: i32): void {
  let column = 0;
  for (; column + 16 <= columns; column += 16) {
    let low = i16x8.splat(0);
    let high = i16x8.splat(0);
    let line = source + <usize>column;
    for (let row = 0; row < rows; row++) {
      const samples = v128.load(line);
      low = i16x8.add(low, i16x8.extend_low_i8x16_u(samples));
      high = i16x8.add(high, i16x8.extend_high_i8x16_u(samples));
      line += <usize>width;
    }
    v128.store(scratch + (<usize>column << 1), low);
    v128.store(scratch + (<usize>column << 1), high, 16);
  }
  for (; column < columns; column++) {
    let sum: u32 = 0;
    for (let row = 0; row < rows; row++) sum += load<u8>(source + <usize>(row * width + column));
    store<u16>(scratch + (<usize>column << 1), <u16>sum);
  }
}

/** Sum of absolute differences of two runs of bytes. */
function absoluteDifference(a: usize, b: usize, length: i32): u32 {
  let sums = i32x4.splat(0);
  let index = 0;
  for (; index + 16 <= length; index += 16) {
    const left = v128.load(a + <usize>index);
    const right = v128.load(b + <usize>index);
    const difference = v128.or(i8x16.sub_sat_u(left, right), i8x16.sub_sat_u(right, left));
    sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(difference)));
  }
  let sum =
    <u32>i32x4.extract_lane(sums, 0) +
    <u32>i32x4.extract_lane(sums, 1) +
    <u32>i32x4.extract_lane(sums, 2) +
    <u32>i32x4.extract_lane(sums, 3);
  for (; index < length; index++) {
    const left = <i32>load<u8>(a + <usize>index);
    const right = <i32>load<u8>(b + <usize>index);
    sum += <u32>(left > right ? left - right : right - left);
  }
  return sum;
}

/** Mean absolute difference per tile, as f32, row by row; returns the mean over the whole plane. */
export function tileDifferences(
  current: usize,
  previous: usize,
  width: i32,
  height: i32,
  tileColumns: i32,
  tileRows: i32,
  destination: usize,
): f32 {
  let total: f64 = 0;
  for (let tileRow = 0; tileRow < tileRows; tileRow++) {
    const top = (tileRow * height) / tileRows;
    const bottom = ((tileRow + 1) * height) / tileRows;
    for (let tileColumn = 0; tileColumn < tileColumns; tileColumn++) {
      const left = (tileColumn * width) / tileColumns;
      const right = ((tileColumn + 1) * width) / tileColumns;
      let sum: u32 = 0;
      for (let row = top; row < bottom; row++) {
        const offset = <usize>(row * width + left);
        sum += absoluteDifference(current + offset, previous + offset, right - left);
      }
      total += <f64>sum;
      const samples = (bottom - top) * (right - left);
      store<f32>(
        destination + (<usize>(tileRow * tileColumns + tileColumn) << 2),
        samples > 0 ? <f32>sum / <f32>samples : 0,
      );
    }
  }
  return <f32>(total / <f64>(width * height));
}

/** Counts samples per level into 256 u32. */
export function histogram(source: usize, length: i32, destination: usize): void {
  memory.fill(destination, 0, 1024);
  for (let index = 0; index < length; index++) {
    const slot = destination + (<usize>load<u8>(source + <usize>index) << 2);
    store<u32>(slot, load<u32>(slot) + 1);
  }
}

/** Samples on a side of a macroblock. */
const block = 16;
/** Values per macroblock that `blockEdges` writes. */
const blockValues = 16;

/** Address of what `blockEdges` writes: one row of macroblocks, `blockValues` u16 each. */
export function blockRowAddress(): usize {
  return scratch;
}

/** Sum of 16 bytes. */
// @ts-ignore: decorator
@inline
function sumBytes(bytes: v128): i32 {
  const sums = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(bytes));
  return (
    i32x4.extract_lane(sums, 0) +
    i32x4.extract_lane(sums, 1) +
    i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3)
  );
}

/** Steps a → b of unsigned bytes, clamped to −128 … 127. */
// @ts-ignore: decorator
@inline
function steps(a: v128, b: v128): v128 {
  const sign = i8x16.splat(-128);
  return i8x16.sub_sat_s(v128.xor(b, sign), v128.xor(a, sign));
}

/** |a − b| of signed bytes, as unsigned bytes. */
// @ts-ignore: decorator
@inline
function distance(a: v128, b: v128): v128 {
  return i8x16.sub(i8x16.max_s(a, b), i8x16.min_s(a, b));
}

/** |a − b| of unsigned bytes. */
// @ts-ignore: decorator
@inline
function difference(a: v128, b: v128): v128 {
  return v128.or(i8x16.sub_sat_u(a, b), i8x16.sub_sat_u(b, a));
}

/** How far the step at one line exceeds those on both sides; 0 where it does not. */
// @ts-ignore: decorator
@inline
function excess(before: i32, step: i32, after: i32): u16 {
  return <u16>max(0, step - max(before, after));
}

/**
 * How one row of macroblocks is set off against its surroundings. Per macroblock 16 values, sums over 16 samples
 * of the step across a line in excess of the larger of the steps beside it: [0] left edge in the picture, [1] left
 * edge in the change since the previous frame, [2, 3] the same 5 samples inside, [4, 5] 8 samples inside,
 * [6 … 11] the same downwards from the top edge. Then sums over the macroblock: [12] change since the previous
 * frame, [13] steps along rows, [14] steps down columns (of 9 rows), [15] level. Edges on the border of the
 * picture tell nothing.
 */
export function blockEdges(current: usize, previous: usize, width: i32, blockRow: i32): void {
  const columns = width / block;
  const stride = <usize>width;
  const top = <usize>(blockRow * block * width);
  for (let column = 0; column < columns; column++) {
    const out = scratch + (<usize>column * blockValues << 1);
    const first = top + <usize>(column * block);

    // Lane i is the step on to sample i − 1 of the macroblock: the left edge is lane 1.
    let pictureLow = i16x8.splat(0);
    let pictureHigh = i16x8.splat(0);
    let changeLow = i16x8.splat(0);
    let changeHigh = i16x8.splat(0);
    let changes = i16x8.splat(0);
    let levels = i16x8.splat(0);
    let now = current + first;
    let then = previous + first;
    for (let row = 0; row < block; row++) {
      const nowSteps = steps(v128.load(now - 2), v128.load(now - 1));
      const thenSteps = steps(v128.load(then - 2), v128.load(then - 1));
      const picture = i8x16.abs(nowSteps);
      const change = distance(nowSteps, thenSteps);
      pictureLow = i16x8.add(pictureLow, i16x8.extend_low_i8x16_u(picture));
      pictureHigh = i16x8.add(pictureHigh, i16x8.extend_high_i8x16_u(picture));
      changeLow = i16x8.add(changeLow, i16x8.extend_low_i8x16_u(change));
      changeHigh = i16x8.add(changeHigh, i16x8.extend_high_i8x16_u(change));
      const samples = v128.load(now);
      levels = i16x8.add(levels, i16x8.extadd_pairwise_i8x16_u(samples));
      changes = i16x8.add(changes, i16x8.extadd_pairwise_i8x16_u(difference(samples, v128.load(then))));
      now += stride;
      then += stride;
    }
    store<u16>(out, excess(i16x8.extract_lane_u(pictureLow, 0), i16x8.extract_lane_u(pictureLow, 1), i16x8.extract_lane_u(pictureLow, 2)));
    store<u16>(out, excess(i16x8.extract_lane_u(changeLow, 0), i16x8.extract_lane_u(changeLow, 1), i16x8.extract_lane_u(changeLow, 2)), 2);
    store<u16>(out, excess(i16x8.extract_lane_u(pictureLow, 5), i16x8.extract_lane_u(pictureLow, 6), i16x8.extract_lane_u(pictureLow, 7)), 4);
    store<u16>(out, excess(i16x8.extract_lane_u(changeLow, 5), i16x8.extract_lane_u(changeLow, 6), i16x8.extract_lane_u(changeLow, 7)), 6);
    store<u16>(out, excess(i16x8.extract_lane_u(pictureHigh, 0), i16x8.extract_lane_u(pictureHigh, 1), i16x8.extract_lane_u(pictureHigh, 2)), 8);
    store<u16>(out, excess(i16x8.extract_lane_u(changeHigh, 0), i16x8.extract_lane_u(changeHigh, 1), i16x8.extract_lane_u(changeHigh, 2)), 10);

    let steepness = 0;
    for (let phase = 0; phase < 3; phase++) {
      const line = <usize>(phase == 0 ? 0 : phase == 1 ? 5 : 8);
      now = current + first + line * stride;
      then = previous + first + line * stride;
      const now0 = v128.load(now - 2 * stride);
      const now1 = v128.load(now - stride);
      const now2 = v128.load(now);
      const now3 = v128.load(now + stride);
      const before = steps(now0, now1);
      const across = steps(now1, now2);
      const after = steps(now2, now3);
      const then1 = v128.load(then - stride);
      const then2 = v128.load(then);
      const thenBefore = steps(v128.load(then - 2 * stride), then1);
      const thenAcross = steps(then1, then2);
      const thenAfter = steps(then2, v128.load(then + stride));
      const pictureBefore = sumBytes(i8x16.abs(before));
      const pictureAcross = sumBytes(i8x16.abs(across));
      const pictureAfter = sumBytes(i8x16.abs(after));
      steepness += pictureBefore + pictureAcross + pictureAfter;
      const at = out + 12 + (<usize>phase << 2);
      store<u16>(at, excess(pictureBefore, pictureAcross, pictureAfter));
      store<u16>(
        at,
        excess(
          sumBytes(distance(before, thenBefore)),
          sumBytes(distance(across, thenAcross)),
          sumBytes(distance(after, thenAfter)),
        ),
        2,
      );
    }
    store<u16>(out, <u16>sumWords(changes), 24);
    store<u16>(out, <u16>(sumWords(pictureLow) + sumWords(pictureHigh)), 26);
    store<u16>(out, <u16>steepness, 28);
    store<u16>(out, <u16>sumWords(levels), 30);
  }
}

/** Sum of eight u16. */
// @ts-ignore: decorator
@inline
function sumWords(words: v128): i32 {
  const sums = i32x4.extadd_pairwise_i16x8_u(words);
  return (
    i32x4.extract_lane(sums, 0) +
    i32x4.extract_lane(sums, 1) +
    i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3)
  );
}
