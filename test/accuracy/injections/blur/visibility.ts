import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Piece } from '../../piece.ts';
import type { Span } from '../../spans.ts';

/** Pictures in which a blur takes less, in levels on average over all samples, have no detail that could be missed. */
const leastLoss = 1.5;

/** Whether a viewer can see what the filters take from the pictures of a span. @throws Error when ffmpeg fails */
export async function losesDetail(
  { master, from }: Piece,
  [start, end]: Span,
  filters: string,
): Promise<boolean> {
  const { stdout } = await promisify(execFile)(
    'ffmpeg',
    [
      ...[
        '-nostdin',
        '-v',
        'error',
        '-ss',
        String(from + start),
        '-t',
        String(end - start),
        '-i',
        master.path,
      ],
      '-filter_complex',
      `[0:v]fps=1,format=gray,split[a][b];[b]${filters}[c];` +
        '[a][c]blend=all_mode=difference,scale=32:18:flags=area[d]',
      ...['-map', '[d]', '-f', 'rawvideo', '-'],
    ],
    { encoding: 'buffer', maxBuffer: 1 << 24 },
  );
  return stdout.reduce((sum, level) => sum + level, 0) >= leastLoss * stdout.length;
}
