import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Master } from './master.ts';
import type { Piece } from './piece.ts';
import { covered, type Span } from './spans.ts';

/** Decoded sound of a piece: interleaved 16-bit samples. */
export interface PieceSound {
  readonly samples: Int16Array;
  readonly channels: number;
  /** Samples of a channel in a second. */
  readonly rate: number;
}

/** Whether a clip has sound, most of the time. */
export function sounds({ sound, clip }: Master): boolean {
  return sound !== undefined && covered([0, clip.duration], clip.natural?.silence ?? []) < clip.duration / 2;
}

/** The undamaged sound of a piece, of at most two channels. @throws Error when it has none */
export async function soundOf({ master, from, seconds }: Piece): Promise<PieceSound> {
  if (!master.sound) throw new Error(`${master.clip.name} has no sound`);
  const channels = Math.min(2, master.sound.channels);
  const { stdout } = await promisify(execFile)(
    'ffmpeg',
    [
      ...['-nostdin', '-v', 'error', '-ss', String(from), '-t', String(seconds), '-i', master.path],
      ...['-map', '0:a', '-ac', String(channels), '-f', 's16le', '-'],
    ],
    { encoding: 'buffer', maxBuffer: 2 ** 28 },
  );
  const samples = new Int16Array(stdout.buffer, stdout.byteOffset, Math.floor(stdout.length / 2));
  return { samples, channels, rate: master.sound.rate };
}

/** Samples of one channel, 0 … 1, in a span. */
export function channelIn(
  { samples, channels, rate }: PieceSound,
  channel: number,
  [from, to]: Span,
): Float32Array {
  const first = Math.max(0, Math.round(from * rate));
  const last = Math.min(samples.length / channels, Math.round(to * rate));
  return Float32Array.from(
    { length: Math.max(0, last - first) },
    (_, index) => (samples[(first + index) * channels + channel] ?? 0) / 32_768,
  );
}

/** Mean power of the loudest channel in a span, 1 at a constant full scale. */
export function powerIn(sound: PieceSound, span: Span): number {
  const powers = Array.from({ length: sound.channels }, (_, channel) =>
    power(channelIn(sound, channel, span)),
  );
  return Math.max(...powers);
}

export function power(samples: Float32Array): number {
  return samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length);
}

export function decibels(ratio: number): number {
  return 10 * Math.log10(Math.max(ratio, 1e-12));
}
