import { access, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFfmpeg, waitFor } from './managed-process.ts';
import { type Origin, startOrigin } from './origin.ts';
import type { Sender } from './sender.ts';

/** A live sender of segments in files behind an HTTP server. */
export interface PackagedSender extends Sender {
  /** Where faults are set and requests are seen. */
  readonly origin: Origin;
  /** The folder that is served. */
  readonly directory: string;
}

/**
 * Lets ffmpeg write segments into a folder of its own, served by an origin.
 * @param prepare writes files needed beforehand into `directory` (served) or `scratch` (not served), and returns
 *   ffmpeg's arguments
 * @param ready whether the files show that a player can start
 */
export async function startPackager({
  entry,
  prepare,
  ready,
}: {
  entry: string;
  prepare: (place: { directory: string; scratch: string; originUrl: string }) => Promise<readonly string[]>;
  ready: (directory: string) => Promise<boolean>;
}): Promise<PackagedSender> {
  const scratch = await mkdtemp(join(tmpdir(), 'streammonitor-sender-'));
  const directory = join(scratch, 'served');
  await mkdir(directory);
  const origin = await startOrigin(directory);
  const ffmpeg = startFfmpeg(await prepare({ directory, scratch, originUrl: origin.url }));

  const stop = async () => {
    await ffmpeg.kill();
    await origin.stop();
    await rm(scratch, { recursive: true, force: true });
  };
  try {
    await waitFor(entry, () => ready(directory), ffmpeg);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `${origin.url}/${entry}`,
    origin,
    directory,
    suspend: ffmpeg.suspend,
    resume: ffmpeg.resume,
    endMedia: ffmpeg.kill,
    stop,
  };
}

/** Whether a file exists and holds the pattern at least `count` times. */
export async function fileHolds(file: string, pattern: RegExp, count = 1): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return (text.match(new RegExp(pattern, 'g'))?.length ?? 0) >= count;
}

export function fileExists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
