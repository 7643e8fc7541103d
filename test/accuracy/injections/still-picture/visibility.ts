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

/**
 * Whether a viewer can see that pictures are held: on average over the held ones, `share` of the area's cells (a
 * thirty-second of its width each) differ by `levels` from what would have been shown instead. Sensor noise, and what
 * codecs make of it, stays below 3 levels in cells.
 */
export interface Visibility {
  readonly levels: number;
  readonly share: number;
}

/**
 * Which events can be seen. An event is one or more spans, each of which holds the picture it begins with.
 * @throws Error when ffmpeg fails
 */
export async function visiblyHeld(
  { master, from, seconds }: Piece,
  events: readonly (readonly Span[])[],
  { levels, share }: Visibility,
  { left, top, width, height }: Area = { left: 0, top: 0, width: 1, height: 1 },
): Promise<boolean[]> {
  const rate = master.picture?.rate ?? 1;
  const crop = `crop=iw*${width}:ih*${height}:iw*${left}:ih*${top}`;
  const { stdout } = await promisify(execFile)(
    'ffmpeg',
    [
      ...['-nostdin', '-v', 'error', '-ss', String(from), '-t', String(seconds), '-i', master.path],
      '-filter_complex',
      `[0:v]${crop},scale=320:180:flags=area,format=gray,split[a][b];` +
        `[a]${held([], rate)}[m];[b]${held(events.flat(), rate)}[h];` +
        `[m][h]blend=all_mode=difference:shortest=1,scale=${columns}:${rows}:flags=area[d]`,
      ...['-map', '[d]', '-f', 'rawvideo', '-'],
    ],
    { encoding: 'buffer', maxBuffer: 1 << 28 },
  );
  const cells = columns * rows;
  return events.map((holds) => {
    const sums = new Float64Array(cells);
    let frames = 0;
    for (const [start, end] of holds) {
      for (let frame = Math.round(start * rate) + 1; frame < Math.round(end * rate); frame++) {
        frames++;
        for (let cell = 0; cell < cells; cell++) sums[cell]! += stdout[frame * cells + cell] ?? 0;
      }
    }
    return sums.filter((sum) => sum >= levels * frames).length >= share * cells;
  });
}
