import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { NaturalSpans } from './clip-labels.ts';
import { inMaster, type Master } from './master.ts';
import type { Random } from './random.ts';
import { overlap, type Span, shifted } from './spans.ts';

/** A stretch of a master that is to be damaged. Times in it begin at 0. */
export interface Piece {
  readonly master: Master;
  /** Seconds of the master at which it begins. */
  readonly from: number;
  readonly seconds: number;
}

/** A stretch anywhere in the master, or all of it where that is shorter. */
export function pieceOf(master: Master, random: Random, seconds: number): Piece {
  const length = Math.min(seconds, master.seconds);
  return { master, from: random.between(0, master.seconds - length), seconds: length };
}

/** What is in the piece by nature, as the labels say; nothing where nobody has looked. */
export function naturalIn(
  { master, from, seconds }: Piece,
  what: Exclude<keyof NaturalSpans, 'cuts'>,
): Span[] {
  const spans = shifted(inMaster(master, master.clip.natural?.[what] ?? []), -from);
  return spans.filter((span) => overlap(span, [0, seconds]) > 0);
}

/**
 * As many spans as fit, of the lengths that `length` gives, all in seconds: `gap` and more apart from each other and
 * from the end, the first not before `lead`.
 */
export function placeEvents(
  piece: Piece,
  random: Random,
  {
    length,
    gap,
    lead = gap,
  }: { readonly length: () => number; readonly gap: number; readonly lead?: number },
): Span[] {
  const spans: Span[] = [];
  let free = lead + random.between(0, 1);
  for (;;) {
    const end = free + length();
    if (end + gap > piece.seconds) return spans;
    spans.push([free, end]);
    free = end + gap + random.between(0, 1);
  }
}

export interface LiveEncoding {
  /** Of the picture, Mb/s; constant, as a live encoder holds it. */
  readonly megabits: number;
  /** Seconds from key frame to key frame. */
  readonly gop: number;
  /** A filter graph from `[0:v]` to `[v]`; the picture as it is where absent. */
  readonly picture?: string;
  /** A filter graph from `[0:a]` to `[a]`; the sound as it is where absent. */
  readonly sound?: string;
  /** Encoder of the sound and its options. */
  readonly soundCodec?: readonly string[];
  /** Of x264. */
  readonly preset?: string;
  /** Further options of the output, such as `-bf 0`. */
  readonly output?: readonly string[];
}

/** Encodes a piece as a live encoder would, picture and sound as far as it has them. @throws Error when ffmpeg fails */
export async function encodeLive(
  { master, from, seconds }: Piece,
  {
    megabits,
    gop,
    picture = '[0:v]null[v]',
    sound = '[0:a]anull[a]',
    soundCodec,
    preset = 'superfast',
    output = [],
  }: LiveEncoding,
  path: string,
): Promise<void> {
  const graphs = [...(master.picture ? [picture] : []), ...(master.sound ? [sound] : [])];
  await promisify(execFile)('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-y', '-ss', String(from), '-t', String(seconds), '-i', master.path],
    ...['-filter_complex', graphs.join(';')],
    ...(master.picture ? ['-map', '[v]', ...constantRate(megabits, gop * master.picture.rate, preset)] : []),
    ...(master.sound ? ['-map', '[a]', ...(soundCodec ?? ['-c:a', 'aac', '-b:a', '128k'])] : []),
    ...['-max_muxing_queue_size', '9999', ...output, path],
  ]);
}

/** Options of x264 for a live stream. `frames`: from key frame to key frame. */
export function constantRate(megabits: number, frames: number, preset: string): string[] {
  const rate = `${megabits}M`;
  const distance = String(Math.round(frames));
  return [
    ...['-c:v', 'libx264', '-preset', preset, '-pix_fmt', 'yuv420p'],
    ...['-b:v', rate, '-maxrate', rate, '-bufsize', rate],
    ...['-g', distance, '-keyint_min', distance, '-sc_threshold', '0'],
  ];
}
