import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Piece } from '../../piece.ts';
import type { Span } from '../../spans.ts';
import { held } from './holding.ts';

/** The part of a picture that stands still, in shares of its sides. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const columns = 32;
const rows = 18;
const cells = columns * rows;

/**
 * Whether a viewer can see that pictures are held: on average over the held ones, `share` of the area's cells (a
 * thirty-second of its width each) differ by `levels` from what would have been shown instead. Sensor noise, and what
 * codecs make of it, stays below 3 levels in cells.
 */
export interface Visibility {
  readonly levels: number;
  readonly share: number;
  /**
   * In so many of the pictures that would have been shown some cell differs by `levels` from the one before: without
   * them nobody knows that a page should have been turned, or that a still shot is none.
   */
  readonly moving?: number;
}

/**
 * Which events can be seen. An event is one or more spans, each of which holds the picture it begins with.
 * @throws Error when ffmpeg fails
 */
export async function visiblyHeld(
  piece: Piece,
  events: readonly (readonly Span[])[],
  { levels, share, moving = 0 }: Visibility,
  area: Area = { left: 0, top: 0, width: 1, height: 1 },
): Promise<boolean[]> {
  const rate = piece.master.picture?.rate ?? 1;
  const differences = await cellDifferences(piece, events.flat(), area);
  return events.map((holds) => {
    const sums = new Float64Array(cells);
    let frames = 0;
    let moves = 0;
    for (const [start, end] of holds) {
      for (let frame = Math.round(start * rate) + 1; frame < Math.round(end * rate); frame++) {
        const [fromShown, fromBefore] = differences(frame);
        frames++;
        for (let cell = 0; cell < cells; cell++) sums[cell]! += fromShown[cell] ?? 0;
        if (fromBefore.some((difference) => difference >= levels)) moves++;
      }
    }
    const differing = sums.filter((sum) => sum >= levels * frames).length;
    return differing >= share * cells && moves >= moving * frames;
  });
}

/** By how much each cell of an undamaged picture differs from the one that is shown instead, and from the one before. */
async function cellDifferences(
  { master, from, seconds }: Piece,
  holds: readonly Span[],
  { left, top, width, height }: Area,
): Promise<(frame: number) => readonly [Uint8Array, Uint8Array]> {
  const rate = master.picture?.rate ?? 1;
  const crop = `crop=iw*${width}:ih*${height}:iw*${left}:ih*${top}`;
  const toCells = `scale=${columns}:${rows}:flags=area`;
  const { stdout } = await promisify(execFile)(
    'ffmpeg',
    [
      ...['-nostdin', '-v', 'error', '-ss', String(from), '-t', String(seconds), '-i', master.path],
      '-filter_complex',
      `[0:v]${crop},scale=320:180:flags=area,format=gray,split[a][b];` +
        `[a]${held([], rate)},split[m][n];[b]${held(holds, rate)}[h];` +
        `[m][h]blend=all_mode=difference:shortest=1,${toCells}[d];` +
        // The first frame differs from none.
        `[n]tpad=start=1:start_mode=clone,tblend=all_mode=difference,setpts=N/${rate}/TB,${toCells}[e];` +
        '[d][e]vstack=shortest=1[v]',
      ...['-map', '[v]', '-f', 'rawvideo', '-'],
    ],
    { encoding: 'buffer', maxBuffer: 1 << 28 },
  );
  return (frame) => {
    const start = 2 * cells * frame;
    return [
      stdout.subarray(start, start + cells),
      stdout.subarray(start + cells, start + 2 * cells),
    ] as const;
  };
}
