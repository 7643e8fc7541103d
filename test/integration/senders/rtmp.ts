import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { accepts, freeTcpPort } from './free-port.ts';
import { startFfmpeg, startProcess, waitFor } from './managed-process.ts';
import type { Sender } from './sender.ts';
import { clip, type Source } from './source.ts';

/** A live stream that ffmpeg publishes to an RTMP server, which players pull it from. */
export interface RtmpSender extends Sender {
  /** Publishes again after `endMedia`. */
  publish(): void;
}

/** Starts an RTMP server (node-media-server, a process of its own) and publishes to it. */
export async function startRtmp({ source = clip() }: { source?: Source } = {}): Promise<RtmpSender> {
  const port = await freeTcpPort();
  const scratch = await mkdtemp(join(tmpdir(), 'streammonitor-rtmp-'));
  const config = join(scratch, 'config.json');
  await writeFile(
    config,
    JSON.stringify({
      bind: '127.0.0.1',
      rtmp: { port },
      store: { path: join(scratch, 'store') },
      webadmin: { enable: false },
    }),
  );
  const server = startProcess(process.execPath, [serverScript(), '--config', config], { cwd: scratch });
  const url = `rtmp://127.0.0.1:${port}/live/stream`;
  const publish = () => startFfmpeg([...source.input, ...source.map, ...source.codec, '-f', 'flv', url]);

  try {
    await waitFor('RTMP server', () => accepts(port), server);
  } catch (error) {
    await server.kill();
    throw error;
  }
  let publisher = publish();
  return {
    url,
    publish: () => {
      publisher = publish();
    },
    suspend: () => publisher.suspend(),
    resume: () => publisher.resume(),
    endMedia: () => publisher.kill(),
    stop: async () => {
      await publisher.kill();
      await server.kill();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

function serverScript(): string {
  const library = createRequire(import.meta.url).resolve('node-media-server');
  return join(dirname(library), '../bin/app.js');
}
