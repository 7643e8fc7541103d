import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Run, runsOf } from './paced-packets.ts';

/** A live transport stream over HTTP that begins where it is told to with each client. */
export interface PacedSender {
  readonly url: string;
  /** Wall clock, in ms since 1970, at which the first key frame began to be sent. */
  readonly firstKeyFrame: Promise<number>;
  stop(): Promise<void>;
}

/**
 * @param beginning `key-frame`: with the tables and a key frame; `between`: some packets after one, as whoever joins
 *   a multicast does
 */
export async function startPacedSender(
  stream: Buffer,
  beginning: 'key-frame' | 'between',
): Promise<PacedSender> {
  const runs = runsOf(stream);
  const first = startOf(runs, beginning);
  const stopping = new AbortController();
  const { promise: firstKeyFrame, resolve } = Promise.withResolvers<number>();
  const server = createServer(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'video/mp2t' });
    const origin = performance.now() - 1000 * runs[first]!.time;
    for (const { from, to, time, keyFrame } of runs.slice(first)) {
      const wait = origin + 1000 * time - performance.now();
      if (wait > 0) await sleep(wait, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted || response.destroyed) return;
      if (keyFrame) resolve(Date.now());
      response.write(stream.subarray(from, to));
    }
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/live.ts`,
    firstKeyFrame,
    stop: async () => {
      stopping.abort();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** ffmpeg writes the tables right before each key frame, at the end of the run before. */
function startOf(runs: readonly Run[], beginning: 'key-frame' | 'between'): number {
  const keyFrames = runs.flatMap(({ keyFrame }, index) => (keyFrame ? [index] : []));
  const second = keyFrames[1];
  if (second === undefined) throw new RangeError('a live stream of fewer than two key frames');
  return beginning === 'key-frame' ? 0 : Math.floor((keyFrames[0]! + second) / 2);
}
