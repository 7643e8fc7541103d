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
  // Division by multiplication, exact for every sum below 2^24 and area below 2^16.1.
  const reciprocal = (<u64>1 << 48) / area + 1;
  // Sums of two columns fit a u16 as well, and are half as many to go through one by one.
  const inPairs = factor % 2 == 0 && factor <= 128;
  const bytes = <usize>(inPairs ? factor : factor << 1);
  for (let row = 0; row < rows; row++) {
    const top = source + <usize>(row * factor * width);
    if (inPairs) sumColumnPairs(top, width, columns * factor, factor);
    else sumColumns(top, width, columns * factor, factor);
    let at = scratch;
    for (let column = 0; column < columns; column++) {
      let sum: u32 = 0;
      const end = at + bytes;
      for (; at < end; at += 2) sum += load<u16>(at);
      store<u8>(destination + <usize>(row * columns + column), <u32>((<u64>(sum + half) * reciprocal) >> 48));
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

/** The same with two columns a sum; `columns` is even. */
function sumColumnPairs(source: usize, width: i32, columns: i32, rows: i32): void {
  let column = 0;
  for (; column + 16 <= columns; column += 16) {
    let sums = i16x8.splat(0);
    let line = source + <usize>column;
    for (let row = 0; row < rows; row++) {
      sums = i16x8.add(sums, i16x8.extadd_pairwise_i8x16_u(v128.load(line)));
      line += <usize>width;
    }
    v128.store(scratch + <usize>column, sums);
  }
  for (; column < columns; column += 2) {
    let sum: u32 = 0;
    for (let row = 0; row < rows; row++) {
      const at = source + <usize>(row * width + column);
      sum += <u32>load<u8>(at) + <u32>load<u8>(at, 1);
    }
    store<u16>(scratch + <usize>column, <u16>sum);
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
  memory.fill(scratch, 0, 3072);
  // In four tables, since to count the same level again waits for the count before.
  let at = source;
  const end = source + <usize>length;
  for (; at + 4 <= end; at += 4) {
    const levels = load<u32>(at);
    count(destination, levels & 255);
    count(scratch, (levels >> 8) & 255);
    count(scratch + 1024, (levels >> 16) & 255);
    count(scratch + 2048, levels >> 24);
  }
  for (; at < end; at++) count(destination, load<u8>(at));
  for (let slot: usize = 0; slot < 1024; slot += 16) {
    const pair = i32x4.add(v128.load(destination + slot), v128.load(scratch + slot));
    const other = i32x4.add(v128.load(scratch + 1024 + slot), v128.load(scratch + 2048 + slot));
    v128.store(destination + slot, i32x4.add(pair, other));
  }
}

// @ts-ignore: decorator
@inline
function count(table: usize, level: u32): void {
  const slot = table + (<usize>level << 2);
  store<u32>(slot, load<u32>(slot) + 1);
}

/** Samples on a side of a macroblock. */
const block = 16;
/** Address of what `blockSeams` and `blockChanges` write: one row of macroblocks, a u16 each. */
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

/** |b − a| of unsigned bytes, at most 127. */
// @ts-ignore: decorator
@inline
function step(a: v128, b: v128): v128 {
  return i8x16.min_u(v128.or(i8x16.sub_sat_u(a, b), i8x16.sub_sat_u(b, a)), i8x16.splat(127));
}

/** How much the step a → b is another one than c → d, at most 127. Steps count as −128 … 127. */
// @ts-ignore: decorator
@inline
function stepChange(a: v128, b: v128, c: v128, d: v128): v128 {
  const sign = i8x16.splat(-128);
  const now = i8x16.sub_sat_s(v128.xor(b, sign), v128.xor(a, sign));
  const then = i8x16.sub_sat_s(v128.xor(d, sign), v128.xor(c, sign));
  return i8x16.min_u(i8x16.sub(i8x16.max_s(now, then), i8x16.min_s(now, then)), i8x16.splat(127));
}

/** How far the step at one line exceeds those on both sides; 0 where it does not. */
// @ts-ignore: decorator
@inline
function excess(before: i32, at: i32, after: i32): i32 {
  return max(0, at - max(before, after));
}

/** Bit of a seam in the picture, by phase of the grid and direction; `isNew` bits lie above. */
// @ts-ignore: decorator
@inline
function seamBit(phase: i32, direction: i32): i32 {
  return 1 << (phase * 2 + direction);
}
/** How much further up the bits lie of seams that the change since the previous frame has as well. */
const isNew = 6;
/** Set where a macroblock with a new seam holds detail. */
const textured: i32 = 1 << 12;

/** Line of a macroblock for each phase: its edge, and two controls inside. */
// @ts-ignore: decorator
@inline
function phaseLine(phase: i32): i32 {
  return phase == 0 ? 0 : phase == 1 ? 5 : 8;
}

/** Bytes per macroblock that `blockTraits` writes. */
const traitBytes = 8;

/**
 * How strongly the macroblocks of one row are set off against their surroundings: per macroblock eight bytes, at
 * `blockRowAddress`. Bytes 0 to 5 are seams, byte 2 · phase + direction (those of `blockSeams`): how far the mean step
 * across a line exceeds the larger of those beside it, in quarters of a level. Byte 6 is the mean level, byte 7 the
 * mean step along rows from the sample before the macroblock on, in eighths of a level. All end at 255. Edges on the border of the picture are 0.
 */
export function blockTraits(plane: usize, width: i32, blockRow: i32): void {
  const columns = width / block;
  const stride = <usize>width;
  const top = plane + <usize>(blockRow * block * width);
  for (let column = 0; column < columns; column++) {
    const first = top + <usize>(column * block);
    const to = scratch + <usize>(column * traitBytes);
    traitsAlong(first, stride, to, column == 0);
    traitsDown(first, stride, to, blockRow == 0);
  }
}

/** Seams that run down a macroblock, its level, and its steps. */
function traitsAlong(first: usize, stride: usize, to: usize, atBorder: bool): void {
  let low = i16x8.splat(0);
  let high = i16x8.splat(0);
  let levels = i16x8.splat(0);
  let line = first;
  for (let row = 0; row < block; row++) {
    const steps = step(v128.load(line - 2), v128.load(line - 1));
    low = i16x8.add(low, i16x8.extend_low_i8x16_u(steps));
    high = i16x8.add(high, i16x8.extend_high_i8x16_u(steps));
    levels = i16x8.add(levels, i16x8.extadd_pairwise_i8x16_u(v128.load(line)));
    line += stride;
  }
  const edge = excess(i16x8.extract_lane_u(low, 0), i16x8.extract_lane_u(low, 1), i16x8.extract_lane_u(low, 2));
  store<u8>(to, atBorder ? 0 : <u8>min(255, edge >> 2));
  const fifth = excess(i16x8.extract_lane_u(low, 5), i16x8.extract_lane_u(low, 6), i16x8.extract_lane_u(low, 7));
  store<u8>(to, <u8>min(255, fifth >> 2), 2);
  const eighth = excess(i16x8.extract_lane_u(high, 0), i16x8.extract_lane_u(high, 1), i16x8.extract_lane_u(high, 2));
  store<u8>(to, <u8>min(255, eighth >> 2), 4);
  store<u8>(to, <u8>(sumWords(levels) >> 8), 6);
  // What lies left of the picture is not of this row.
  if (atBorder) low = i16x8.replace_lane(i16x8.replace_lane(low, 0, 0), 1, 0);
  store<u8>(to, <u8>min(255, sumWords(i16x8.add(low, high)) >> 5), 7);
}

/** Seams that run along a macroblock. */
function traitsDown(first: usize, stride: usize, to: usize, atBorder: bool): void {
  for (let phase = 0; phase < 3; phase++) {
    const at = first + <usize>phaseLine(phase) * stride;
    let seam = 0;
    if (phase > 0 || !atBorder) {
      const above = v128.load(at - stride);
      const below = v128.load(at);
      const across = sumBytes(step(above, below));
      // Less than a quarter of a level is no seam.
      if (across > 3) {
        const before = sumBytes(step(v128.load(at - 2 * stride), above));
        const after = sumBytes(step(below, v128.load(at + stride)));
        seam = excess(before, across, after) >> 2;
      }
    }
    store<u8>(to + <usize>(2 * phase), <u8>min(255, seam), 1);
  }
}

/** Sum of eight unsigned words. */
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

/**
 * Where the macroblocks of one row are set off against their surroundings. A seam is a line of 16 samples where the
 * sum of the steps across it exceeds the larger of those beside it by more than `seam`: the left edge, a line 5
 * samples inside and one 8 samples inside (phases 0, 1, 2; direction 0), and the same downwards from the top edge
 * (direction 1). It is new where that holds for the change since the previous frame too. Per macroblock a u16: bit
 * 2 · phase + direction for each seam, bit 6 + that for each new one, bit 12 where there is a new one and the mean
 * steps along rows and down columns, without the edges', add up to at least `texture`. Edges on the border of
 * the picture tell nothing. What is rare is computed where it is needed: where no line has a quarter of the limit in
 * the even rows, the odd ones are not looked at.
 */
export function blockSeams(
  current: usize,
  previous: usize,
  width: i32,
  blockRow: i32,
  seam: i32,
  texture: f32,
): void {
  const columns = width / block;
  const top = <usize>(blockRow * block * width);
  for (let column = 0; column < columns; column++) {
    const first = top + <usize>(column * block);
    const now = current + first;
    const then = previous + first;
    const seams =
      seamsAlong(now, then, <usize>width, seam, column == 0) |
      seamsDown(now, then, <usize>width, seam, blockRow == 0);
    const detailed = seams >> isNew != 0 && isTextured(now, <usize>width, texture);
    store<u16>(scratch + (<usize>column << 1), <u16>(detailed ? seams | textured : seams));
  }
}

/** Seams that run down a macroblock. */
function seamsAlong(now: usize, then: usize, stride: usize, seam: i32, atBorder: bool): i32 {
  // Lane i is the step on to sample i − 1 of the macroblock: the left edge is lane 1.
  let low = i16x8.splat(0);
  let high = i16x8.splat(0);
  for (let odd: usize = 0; odd < 2; odd++) {
    let line = now + odd * stride;
    for (let row = 0; row < block; row += 4) {
      const steps = i8x16.add(
        step(v128.load(line - 2), v128.load(line - 1)),
        step(v128.load(line + 2 * stride - 2), v128.load(line + 2 * stride - 1)),
      );
      low = i16x8.add(low, i16x8.extend_low_i8x16_u(steps));
      high = i16x8.add(high, i16x8.extend_high_i8x16_u(steps));
      line += stride << 2;
    }
    if (odd == 0 && seamsOfLanes(low, high, seam >> 2) == 0) return 0;
  }
  let seams = seamsOfLanes(low, high, seam);
  if (atBorder) seams &= ~seamBit(0, 0);
  if (seams == 0) return 0;

  low = i16x8.splat(0);
  high = i16x8.splat(0);
  for (let row = 0; row < block; row++) {
    const changes = stepChange(
      v128.load(now - 2),
      v128.load(now - 1),
      v128.load(then - 2),
      v128.load(then - 1),
    );
    low = i16x8.add(low, i16x8.extend_low_i8x16_u(changes));
    high = i16x8.add(high, i16x8.extend_high_i8x16_u(changes));
    now += stride;
    then += stride;
  }
  return seams | ((seams & seamsOfLanes(low, high, seam)) << isNew);
}

/** Bits of the seams by the sums of the steps, a lane for each column from the one before the left edge on. */
// @ts-ignore: decorator
@inline
function seamsOfLanes(low: v128, high: v128, seam: i32): i32 {
  let seams = 0;
  if (excess(i16x8.extract_lane_u(low, 0), i16x8.extract_lane_u(low, 1), i16x8.extract_lane_u(low, 2)) > seam) {
    seams |= seamBit(0, 0);
  }
  if (excess(i16x8.extract_lane_u(low, 5), i16x8.extract_lane_u(low, 6), i16x8.extract_lane_u(low, 7)) > seam) {
    seams |= seamBit(1, 0);
  }
  if (excess(i16x8.extract_lane_u(high, 0), i16x8.extract_lane_u(high, 1), i16x8.extract_lane_u(high, 2)) > seam) {
    seams |= seamBit(2, 0);
  }
  return seams;
}

/** Seams that run along a macroblock. */
function seamsDown(now: usize, then: usize, stride: usize, seam: i32, atBorder: bool): i32 {
  let seams = 0;
  for (let phase = atBorder ? 1 : 0; phase < 3; phase++) {
    const offset = <usize>phaseLine(phase) * stride;
    const at = now + offset;
    const above = v128.load(at - stride);
    const below = v128.load(at);
    const across = sumBytes(step(above, below));
    if (across <= seam) continue;
    const before = v128.load(at - 2 * stride);
    const after = v128.load(at + stride);
    if (excess(sumBytes(step(before, above)), across, sumBytes(step(below, after))) <= seam) continue;
    seams |= seamBit(phase, 1);
    const old = then + offset;
    const oldAbove = v128.load(old - stride);
    const oldBelow = v128.load(old);
    const changed = excess(
      sumBytes(stepChange(before, above, v128.load(old - 2 * stride), oldAbove)),
      sumBytes(stepChange(above, below, oldAbove, oldBelow)),
      sumBytes(stepChange(below, after, oldBelow, v128.load(old + stride))),
    );
    if (changed > seam) seams |= seamBit(phase, 1) << isNew;
  }
  return seams;
}

/** Whether a macroblock holds detail: the mean steps inside it, along rows plus down columns. */
function isTextured(now: usize, stride: usize, texture: f32): bool {
  let along = 0;
  let down = 0;
  for (let row = 0; row < block; row++) {
    const line = now + <usize>row * stride;
    // The first lane would be the step across the left edge.
    const steps = step(v128.load(line), v128.load(line + 1));
    along += sumBytes(i8x16.replace_lane(steps, 15, 0));
    if (row > 0) down += sumBytes(step(v128.load(line - stride), v128.load(line)));
  }
  return <f32>(along + down) >= texture * <f32>(block * (block - 1));
}

/**
 * Change of the macroblocks of one row since the previous frame, a u16 each: sum of the absolute differences of the
 * samples in four of its lines, two of either field.
 */
export function blockChanges(current: usize, previous: usize, width: i32, blockRow: i32): void {
  const columns = <usize>(width / block);
  const stride = <usize>width;
  const top = <usize>blockRow * block * stride;
  for (let column: usize = 0; column < columns; column++) {
    const first = top + column * block;
    const now = current + first;
    const then = previous + first;
    const sums = i16x8.add(
      i16x8.add(changesOf(now + stride, then + stride), changesOf(now + 6 * stride, then + 6 * stride)),
      i16x8.add(changesOf(now + 9 * stride, then + 9 * stride), changesOf(now + 14 * stride, then + 14 * stride)),
    );
    const pairs = i32x4.extadd_pairwise_i16x8_u(sums);
    const halves = i32x4.add(pairs, i8x16.shuffle(pairs, pairs, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    store<u16>(scratch + (column << 1), <u16>(i32x4.extract_lane(halves, 0) + i32x4.extract_lane(halves, 1)));
  }
}

/** |difference| of 16 samples, two in a lane. */
// @ts-ignore: decorator
@inline
function changesOf(now: usize, then: usize): v128 {
  const a = v128.load(now);
  const b = v128.load(then);
  return i16x8.extadd_pairwise_i8x16_u(v128.or(i8x16.sub_sat_u(a, b), i8x16.sub_sat_u(b, a)));
}
