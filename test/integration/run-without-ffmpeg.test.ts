import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { eventually, RunProcess } from './run-process.ts';
import { startHttpTs } from './senders.ts';

test('without ffmpeg every stream says how to install it, and the page is still served', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'run-without-ffmpeg-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const sender = await startHttpTs();
  onTestFinished(() => sender.stop());
  const file = join(folder, 'live.yaml');
  const urls = { 'http-ts': sender.url, rtmp: 'rtmp://127.0.0.1:9/none' };
  const streams = Object.entries(urls).map(([name, url]) => ({ name, url }));
  const head = { apiVersion: 'streammonitor.dev/v1alpha1', kind: 'StreamMonitor' };
  writeFileSync(file, stringify({ ...head, metadata: { name: 'sports' }, spec: { streams } }));

  const run = new RunProcess(['-f', file, '--state', join(folder, 'state'), '--listen', '127.0.0.1:0'], {
    environment: { ...process.env, PATH: toolsWithoutFfmpeg(folder) },
  });
  for (const stream of Object.keys(urls)) {
    const { message } = await eventually(`${stream} without ffmpeg`, async () => {
      const tile = await run.stream(stream);
      return tile?.phase === 'Down' && tile.reason === 'FfmpegMissing' && tile;
    });
    expect(message).toContain('apt-get install ffmpeg');
    expect(run.logs).toContainEqual(
      expect.objectContaining({ stream, reason: 'FfmpegMissing', msg: message }),
    );
    expect((await run.metrics()).sum('stream_state', { stream, reason: 'FfmpegMissing' })).toBe(1);
  }
  expect((await run.get('/readyz')).status).toBe(200);
  expect(await (await run.get('/')).text()).toContain('<html');
});

/** A folder with what the command line itself needs. */
function toolsWithoutFfmpeg(folder: string): string {
  const tools = join(folder, 'tools');
  mkdirSync(tools);
  for (const tool of ['sh', 'dirname', 'readlink', 'mkfifo']) {
    const path = execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim();
    symlinkSync(path, join(tools, tool));
  }
  return tools;
}
