import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

type ClipName = 'bunny' | 'road' | 'steel';

const media = join(import.meta.dirname, '../media');
const clipSeconds = 16;
/** Four days. */
const repeats = 20_000;

/**
 * Writes a list for ffmpeg's concat demuxer that plays a clip of `test/media` again and again; resolves to its path.
 * `-stream_loop` starts the decoder anew with each repetition, which leaves a hole in the sound of a decoded clip.
 */
export async function writeRepeatedClip(directory: string, clip: ClipName): Promise<string> {
  const path = join(directory, `${clip}.ffconcat`);
  const entry = `file '${join(media, clip)}.mp4'\nduration ${clipSeconds}\n`;
  await writeFile(path, `ffconcat version 1.0\n${entry.repeat(repeats)}`);
  return path;
}
