import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { OutputSocket } from '../../../monitor/converter/output-socket.ts';

const directory = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

const frames = 100;
const nut = execFileSync('ffmpeg', [
  ...['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=64x36:rate=25:duration=${frames / 25},format=gray`],
  ...['-c:v', 'rawvideo', '-f', 'nut', '-'],
]);

/** An output whose reader waits after the first bytes until `judged` is called, and the frames it has read. */
async function output() {
  const path = join(directory, 'output');
  const read: number[] = [];
  const { promise, resolve: judged } = Promise.withResolvers<void>();
  let waits = true;
  const socket = new OutputSocket(
    path,
    { onStream: () => {}, target: (size) => new Uint8Array(size), onPacket: (pts) => read.push(pts) },
    () => {
      if (!waits) return undefined;
      waits = false;
      return promise;
    },
  );
  await socket.listening;
  const writer = connect(path);
  writer.write(nut.subarray(0, 10_000));
  await expect.poll(() => read.length, { interval: 2 }).toBeGreaterThan(0);
  writer.end(nut.subarray(10_000));
  return { socket, read, before: read.length, judged };
}

it('reads on when neither its holder nor what it read asks it to wait', async () => {
  const first = await output();
  first.socket.hold(true);
  first.judged();
  await sleep(30);
  expect(first.read).toHaveLength(first.before);
  first.socket.hold(false);
  await first.socket.drain();
  expect(first.read).toHaveLength(frames);

  const second = await output();
  second.socket.hold(true);
  second.socket.hold(false);
  await sleep(30);
  expect(second.read).toHaveLength(second.before);
  second.judged();
  await second.socket.drain();
  expect(second.read).toHaveLength(frames);
});

it('is drained at once when it is released, whatever it waits for', async () => {
  const { socket, read } = await output();
  socket.hold(true);
  socket.release();
  await socket.drain();
  expect(read).toHaveLength(frames);
});
