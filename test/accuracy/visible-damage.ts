import { type LumaFrame, lumaFrames } from './luma-frames.ts';
import type { Span } from './spans.ts';

/** Side of a macroblock. */
const blockSide = 16;
/** Mean square error of a block above which it looks damaged: 15 levels, well above what coding alone does. */
const damagedError = 225;
/** Share of the blocks that must look damaged for the picture to do so. */
const visibleShare = 0.02;
/** Pieces of damage closer together than this are one to a viewer. */
const joins = 1;

/** One picture that looks damaged. */
export interface DamagedFrame {
  /** Seconds from the beginning of the file. */
  readonly time: number;
  /** Damaged share of its blocks. */
  readonly share: number;
}

/**
 * Pictures of `damaged` that a viewer could tell from those of `clean`: more than 2 % of the 16×16 blocks have a
 * mean square error above 225. Pictures are compared that have the same time; one that is lost whole is none that
 * is damaged.
 * @param interval seconds from picture to picture
 * @throws Error when one of them cannot be decoded, or their sizes differ
 */
export async function damagedFrames(
  damaged: string,
  clean: string,
  interval: number,
): Promise<readonly DamagedFrame[]> {
  const found: DamagedFrame[] = [];
  const references = lumaFrames(clean);
  let reference = await next(references);
  try {
    for await (const frame of lumaFrames(damaged)) {
      while (reference && reference.time < frame.time - interval / 2) reference = await next(references);
      if (!reference) break;
      if (reference.time > frame.time + interval / 2) continue;
      const share = damagedShare(frame, reference);
      if (share > visibleShare) found.push({ time: frame.time, share });
    }
  } finally {
    await references.return(undefined);
  }
  return found;
}

/**
 * What a viewer sees of damage: from the first damaged picture to the last one, each
 * shown for `interval` seconds; pieces closer than 1 s are one. Nothing where all of it is invisible.
 */
export function visibleSpans(frames: readonly DamagedFrame[], interval: number): Span[] {
  const spans: Span[] = [];
  for (const { time } of frames) {
    const last = spans.at(-1);
    if (last && time - last[1] < joins) spans[spans.length - 1] = [last[0], time + interval];
    else spans.push([time, time + interval]);
  }
  return spans;
}

/** @returns share of the whole 16×16 blocks whose mean square error is above 225 */
export function damagedShare(frame: LumaFrame, reference: LumaFrame): number {
  const { width, height } = frame;
  if (width !== reference.width || height !== reference.height) {
    const sizes = `${width}×${height} and ${reference.width}×${reference.height}`;
    throw new Error(`pictures of ${sizes} cannot be compared`);
  }
  if (frame.luma.equals(reference.luma)) return 0;
  const columns = Math.floor(width / blockSide);
  const rows = Math.floor(height / blockSide);
  const limit = damagedError * blockSide * blockSide;
  let damaged = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * blockSide * width + column * blockSide;
      if (squareError(frame.luma, reference.luma, at, width) > limit) damaged++;
    }
  }
  return damaged / Math.max(1, columns * rows);
}

function squareError(one: Buffer, other: Buffer, from: number, width: number): number {
  let sum = 0;
  for (let row = 0; row < blockSide; row++) {
    const start = from + row * width;
    for (let at = start; at < start + blockSide; at++) {
      const difference = one[at]! - other[at]!;
      sum += difference * difference;
    }
  }
  return sum;
}

async function next(frames: AsyncGenerator<LumaFrame>): Promise<LumaFrame | undefined> {
  const { value, done } = await frames.next();
  return done ? undefined : value;
}
