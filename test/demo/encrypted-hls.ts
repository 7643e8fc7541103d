import { randomBytes } from 'node:crypto';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startOrigin } from '../integration/senders/origin.ts';

/** A folder for an AES-128 HLS stream, served over HTTP. */
export interface HlsFolder {
  /** Where ffmpeg writes playlists and segments. */
  readonly directory: string;
  /** ffmpeg's key info file. */
  readonly keyInfo: string;
  readonly url: string;
  /** Whether a player could start. */
  published(): Promise<boolean>;
  stop(): Promise<void>;
}

export async function serveHlsFolder(parent: string): Promise<HlsFolder> {
  const directory = join(parent, 'hls');
  await mkdir(directory, { recursive: true });
  const keyInfo = join(parent, 'key-info');
  const key = join(directory, 'key');
  await writeFile(key, randomBytes(16), { mode: 0o600 });
  // The key's URI for players, relative to the playlist, then its file for ffmpeg.
  await writeFile(keyInfo, `key\n${key}\n`);
  const origin = await startOrigin(directory);
  return {
    directory,
    keyInfo,
    url: `${origin.url}/master.m3u8`,
    published: async () =>
      (await isFile(join(directory, 'master.m3u8'))) && (await isFile(join(directory, '480p-1.ts'))),
    stop: () => origin.stop(),
  };
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
