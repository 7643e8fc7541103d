import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Piece } from '../../piece.ts';
import { naturalIn } from '../../piece.ts';
import { type Span, shifted } from '../../spans.ts';

/** Encoders of sound by the names that variants have, each in a container that carries it. */
const codecs: Readonly<Record<string, { readonly options: readonly string[]; readonly extension: string }>> =
  {
    'AAC 64k': { options: ['-c:a', 'aac', '-b:a', '64k'], extension: 'ts' },
    'AAC 128k': { options: ['-c:a', 'aac', '-b:a', '128k'], extension: 'ts' },
    'MP2 192k': { options: ['-c:a', 'mp2', '-b:a', '192k'], extension: 'ts' },
    'AC-3 192k': { options: ['-c:a', 'ac3', '-b:a', '192k'], extension: 'ts' },
    'Opus 96k': { options: ['-c:a', 'libopus', '-b:a', '96k'], extension: 'mkv' },
    uncoded: { options: ['-c:a', 'pcm_s16le'], extension: 'mkv' },
  };

/** Encoders of 5.1 channels. */
const surroundCodecs: typeof codecs = {
  'AAC 384k': { options: ['-c:a', 'aac', '-b:a', '384k'], extension: 'ts' },
  'AC-3 448k': { options: ['-c:a', 'ac3', '-b:a', '448k'], extension: 'ts' },
  uncoded: { options: ['-c:a', 'pcm_s16le'], extension: 'mkv' },
};

export const codecNames: readonly string[] = Object.keys(codecs);
export const surroundCodecNames: readonly string[] = Object.keys(surroundCodecs);

/** Every codec with each of `others`, such as `5 to 20 ms, MP2 192k`. */
export function withCodecs(others: readonly string[], names: readonly string[] = codecNames): string[] {
  return others.flatMap((other) => names.map((name) => `${other}, ${name}`));
}

/**
 * Encodes the sound of a piece alone, of at most two channels, filtered: the filter may make more of them.
 * @param variant ends with a codec's name
 * @param output further options, such as a bitstream filter
 * @returns the file
 */
export async function encodeSound(
  { master, from, seconds }: Piece,
  filter: string,
  variant: string,
  directory: string,
  output: readonly string[] = [],
): Promise<string> {
  const name = variant.split(', ').at(-1) ?? '';
  const codec = codecs[name] ?? surroundCodecs[name];
  if (!codec || !master.sound)
    throw new Error(`${variant} names no codec, or ${master.clip.name} has no sound`);
  const path = join(directory, `sound.${codec.extension}`);
  const layout = master.sound.channels === 1 ? 'mono' : 'stereo';
  await promisify(execFile)('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-y', '-ss', String(from), '-t', String(seconds), '-i', master.path],
    ...['-map', '0:a', '-af', `aformat=channel_layouts=${layout},${filter}`, ...codec.options],
    ...[...output, path],
  ]);
  return path;
}

/** True in ffmpeg's expressions while one of the spans goes on. */
export function during(spans: readonly Span[]): string {
  return spans.map(([from, to]) => `between(t,${from.toFixed(4)},${to.toFixed(4)})`).join('+');
}

/** Where the piece is silent by nature, or its clip begins anew and its sound is cut. */
export function naturalHoles(piece: Piece): Span[] {
  const seams = piece.master.seams.map((seam): Span => [seam, seam]);
  return [...naturalIn(piece, 'silence'), ...shifted(seams, -piece.from)];
}
