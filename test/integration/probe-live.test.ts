import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'vitest';
import { probe } from './probe-runner.ts';
import {
  clip,
  freeTcpPort,
  startDash,
  startHls,
  startHttpTs,
  startOrigin,
  startRtmp,
  startSrtListener,
  startUdpTs,
} from './senders.ts';

type OnTestFinished = TestContext['onTestFinished'];

async function publish<S extends { stop(): Promise<void> }>(
  starting: Promise<S>,
  onTestFinished: OnTestFinished,
): Promise<S> {
  const sender = await starting;
  onTestFinished(() => sender.stop());
  return sender;
}

const live = ['--duration', '9s'];

describe.concurrent('probe watches a clean live stream', () => {
  test.for([
    ['HLS', () => startHls(), true],
    ['HLS, AES-128, two renditions', () => startHls({ encrypted: true, renditions: 2 }), true],
    ['HLS, fMP4', () => startHls({ container: 'fmp4' }), true],
    ['HLS, separate audio', () => startHls({ separateAudio: true }), true],
    ['DASH', () => startDash(), false],
    ['MPEG-TS over HTTP', () => startHttpTs(), true],
    ['MPEG-TS over UDP', () => startUdpTs(), true],
    ['SRT', () => startSrtListener(), false],
    ['RTMP', () => startRtmp(), false],
  ] as const)('%s', async ([name, start], { expect, onTestFinished }) => {
    const sender = await publish<{ url: string; stop(): Promise<void> }>(start(), onTestFinished);
    const { code, incidents, summary } = await probe(sender.url, ...live);
    expect(incidents, name).toEqual([]);
    expect(code).toBe(0);
    expect(summary.frames).toBeGreaterThan(50);
    expect(Object.keys(summary.unknown).sort()).toEqual(['av-sync', 'reference']);
  });

  test('without sound', async ({ expect, onTestFinished }) => {
    const sender = await publish(startUdpTs({ source: clip('road', { tracks: 'video' }) }), onTestFinished);
    const { code, summary } = await probe(sender.url, '--duration', '12s');
    expect(code).toBe(0);
    expect(summary.unknown).toMatchObject({ silence: 'no audio in this stream' });
  });

  test('without picture', async ({ expect, onTestFinished }) => {
    const sender = await publish(startUdpTs({ source: clip('road', { tracks: 'audio' }) }), onTestFinished);
    const { code, summary } = await probe(sender.url, '--duration', '12s');
    expect(code).toBe(0);
    expect(summary.monitoredSeconds).toBeGreaterThan(2);
    expect(summary.frames).toBe(0);
    expect(Object.keys(summary.unknown).sort()).toEqual([
      'av-sync',
      'black',
      'block-corruption',
      'freeze',
      'reference',
    ]);
  });
});

describe.concurrent('probe says why a stream cannot be watched', () => {
  async function served(onTestFinished: OnTestFinished, body: string | Buffer, fault = {}): Promise<string> {
    const directory = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    writeFileSync(join(directory, 'stream.m3u8'), body);
    const origin = await publish(startOrigin(directory), onTestFinished);
    origin.fail('/stream.m3u8', fault);
    return `${origin.url}/stream.m3u8`;
  }

  test.for([
    ['Unreachable', async () => `http://127.0.0.1:${await freeTcpPort()}/x.m3u8`],
    ['Unreachable', async () => `srt://127.0.0.1:${await freeTcpPort()}`],
    ['Unreachable', async () => `rtmp://127.0.0.1:${await freeTcpPort()}/live/x`],
    ['Unauthorized', (finished: OnTestFinished) => served(finished, '', { status: 403 })],
    ['NotFound', (finished: OnTestFinished) => served(finished, '', { status: 404 })],
    ['UpstreamError', (finished: OnTestFinished) => served(finished, '', { status: 500 })],
    [
      'EgressDenied',
      (finished: OnTestFinished) =>
        served(finished, '', { location: 'http://169.254.169.254/latest/meta-data' }),
    ],
    [
      'EmptyPlaylist',
      (finished: OnTestFinished) =>
        served(finished, '#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-ENDLIST\n'),
    ],
    [
      'NotMedia',
      (finished: OnTestFinished) => served(finished, '<!doctype html><html><body>Sign in</body></html>'),
    ],
    ['NotMedia', (finished: OnTestFinished) => served(finished, randomBytes(200_000))],
  ] as const)('%s', async ([reason, url], { expect, onTestFinished }) => {
    const { code, summary, errors } = await probe(await url(onTestFinished), '--duration', '20s');
    expect(summary.reason).toBe(reason);
    expect(summary.message).toMatch(/\S/);
    expect(code).toBe(2);
    expect(errors).not.toContain('    at ');
  });
});
