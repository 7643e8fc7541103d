// Frame kernels in WASM SIMD, over 8-bit luma planes in the imported memory. Compiled by `npm run generate`.

/** Box-averages factor × factor samples into one. Destination is floor(width/factor) × floor(height/factor). */
export function reduce(source: usize, width: i32, height: i32, factor: i32, destination: usize): void {
  const columns = width / factor;
  const rows = height / factor;
  const area = <u32>(factor * factor);
  const half = area >> 1;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum: u32 = 0;
      let line = source + <usize>(row * factor * width + column * factor);
      for (let y = 0; y < factor; y++) {
        for (let x = 0; x < factor; x++) sum += load<u8>(line + <usize>x);
        line += <usize>width;
      }
      store<u8>(destination + <usize>(row * columns + column), (sum + half) / area);
    }
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
