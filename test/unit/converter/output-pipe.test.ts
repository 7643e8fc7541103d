import { execFileSync } from 'node:child_process';
import { createWriteStream, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it, onTestFinished, vi } from 'vitest';
import type { NutSink } from '../../../monitor/converter/nut-reader.ts';
import { openPipes, verifyPipes } from '../../../monitor/converter/output-pipe.ts';

const directory = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

const path = join(directory, 'output');
const frames = 100;
const nut = execFileSync('ffmpeg', [
  ...['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=64x36:rate=25:duration=${frames / 25},format=gray`],
  ...['-c:v', 'rawvideo', '-f', 'nut', '-'],
]);

const nobody: NutSink = {
  onStream: () => {},
  target: (size) => new Uint8Array(size),
  onPacket: () => {},
};

async function opened(sink: NutSink, pace: () => Promise<unknown> | undefined = () => undefined) {
  const [pipe] = await openPipes([{ path, sink }], pace);
  return pipe!;
}

/** An output whose reader waits after the first bytes until `judged` is called, and the frames it has read. */
async function output() {
  const read: number[] = [];
  const { promise, resolve: judged } = Promise.withResolvers<void>();
  let waits = true;
  const pipe = await opened(
    { onStream: () => {}, target: (size) => new Uint8Array(size), onPacket: (pts) => read.push(pts) },
    () => {
      if (!waits) return undefined;
      waits = false;
      return promise;
    },
  );
  const writer = createWriteStream(path, { flags: 'a' });
  writer.write(nut.subarray(0, 10_000));
  await expect.poll(() => read.length, { interval: 2 }).toBeGreaterThan(0);
  writer.end(nut.subarray(10_000));
  return { pipe, read, before: read.length, judged };
}

it('reads on when neither its holder nor what it read asks it to wait', async () => {
  const first = await output();
  first.pipe.hold(true);
  first.judged();
  await sleep(30);
  expect(first.read).toHaveLength(first.before);
  first.pipe.hold(false);
  await first.pipe.drain();
  expect(first.read).toHaveLength(frames);

  const second = await output();
  second.pipe.hold(true);
  second.pipe.hold(false);
  await sleep(30);
  expect(second.read).toHaveLength(second.before);
  second.judged();
  await second.pipe.drain();
  expect(second.read).toHaveLength(frames);
});

it('is drained at once when it is released, whatever it waits for', async () => {
  const { pipe, read } = await output();
  pipe.hold(true);
  pipe.release();
  await pipe.drain();
  expect(read).toHaveLength(frames);
});

it('ends, and is gone, where nobody ever wrote', async () => {
  const pipe = await opened(nobody);
  await pipe.drain();
  expect(existsSync(path)).toBe(false);
});

it('says what was wrong with the bytes', async () => {
  const pipe = await opened(nobody);
  createWriteStream(path, { flags: 'a' })
    .on('error', () => {})
    .end('no NUT at all, though long enough to tell');
  await expect(pipe.failed).resolves.toMatchObject({ message: 'the NUT file id is missing' });
  await pipe.drain();
});

it('leaves nothing behind where one of them cannot be made', async () => {
  const elsewhere = join(directory, 'nowhere', 'output');
  const pipes = openPipes(
    [path, elsewhere].map((each) => ({ path: each, sink: nobody })),
    () => undefined,
  );
  await expect(pipes).rejects.toThrow('mkfifo');
  expect(existsSync(path)).toBe(false);
});

it('says what lacks where pipes cannot be made', async () => {
  await verifyPipes(directory);
  expect(readdirSync(directory)).toEqual([]);
  vi.stubEnv('PATH', directory);
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(verifyPipes(directory)).rejects.toThrow('mkfifo is not installed');
});
