import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { constantRate, type LiveEncoding } from '../../piece.ts';

/** What a contribution link carries, and what the encoder behind it makes of it. */
export interface Upstream {
  /** Options of the first encoder, such as its codec and slices. */
  readonly encoder: readonly string[];
  /** Options of the decoder behind the link: whether and how it conceals what is missing. */
  readonly decoder: readonly string[];
}

/** Decoders that fill what is missing by its neighbours, by the picture before, or not at all. */
export const concealments: readonly (readonly string[])[] = [
  ['-ec', 'guess_mvs+deblock'],
  ['-ec', 'favor_inter'],
  ['-ec', '0', '-flags', '+output_corrupt'],
];

export const encoders: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'H.264': [[], ['-slices', '4'], ['-slices', '8']],
  // Its slices are rows of macroblocks.
  'MPEG-2': [['-c:v', 'mpeg2video']],
  HEVC: [['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error']],
};

/**
 * Decodes what came over the link and encodes it anew, at a constant frame rate: where pictures are lost, the one
 * before is shown again. Sound is left out.
 * @returns times of the pictures that were decoded, in seconds from the first; the others are repeats
 * @throws Error when ffmpeg fails
 */
export async function encodeAgain(
  source: string,
  {
    decoder,
    megabits,
    gop,
    rate,
  }: Pick<LiveEncoding, 'megabits' | 'gop'> & Pick<Upstream, 'decoder'> & { readonly rate: number },
  path: string,
): Promise<readonly number[]> {
  const { stderr } = await promisify(execFile)(
    'ffmpeg',
    [
      ...['-nostdin', '-hide_banner', '-nostats', '-v', 'info', '-y'],
      ...['-threads', '1', ...decoder, '-i', source],
      ...['-vf', `showinfo=checksum=0,fps=${rate}:start_time=0`, '-an'],
      ...[...constantRate(megabits, gop * rate, 'superfast'), path],
    ],
    { maxBuffer: 1 << 28 },
  );
  return [...stderr.matchAll(/Parsed_showinfo.* pts_time:([\d.]+)/g)].map(([, time]) => Number(time));
}
