import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
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

async function publish<S extends { stop(): Promise<void> }>(starting: Promise<S>): Promise<S> {
  const sender = await starting;
  onTestFinished(() => sender.stop());
  return sender;
}

const live = ['--duration', '9s'];

describe('probe watches a clean live stream', () => {
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
  ] as const)('%s', async ([name, start]) => {
    const sender = await publish<{ url: string; stop(): Promise<void> }>(start());
    const { code, incidents, summary } = await probe(sender.url, ...live);
    expect(incidents, name).toEqual([]);
    expect(code).toBe(0);
    expect(summary.frames).toBeGreaterThan(50);
    expect(Object.keys(summary.unknown)).toEqual(['av-sync']);
  });

  test('without sound', async () => {
    const sender = await publish(startUdpTs({ source: clip('road', { tracks: 'video' }) }));
    const { code, summary } = await probe(sender.url, '--duration', '12s');
    expect(code).toBe(0);
    expect(summary.unknown).toMatchObject({ silence: 'no audio in this stream' });
  });

  test('without picture', async () => {
    const sender = await publish(startUdpTs({ source: clip('road', { tracks: 'audio' }) }));
    const { code, summary } = await probe(sender.url, '--duration', '12s');
    expect(code).toBe(0);
    expect(summary.monitoredSeconds).toBeGreaterThan(2);
    expect(summary.frames).toBe(0);
  });
});

describe('probe says why a stream cannot be watched', () => {
  async function served(body: string | Buffer, fault = {}): Promise<string> {
    const directory = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    writeFileSync(join(directory, 'stream.m3u8'), body);
    const origin = await publish(startOrigin(directory));
    origin.fail('/stream.m3u8', fault);
    return `${origin.url}/stream.m3u8`;
  }

  test.for([
    ['Unreachable', async () => `http://127.0.0.1:${await freeTcpPort()}/x.m3u8`],
    ['Unreachable', async () => `srt://127.0.0.1:${await freeTcpPort()}`],
    ['Unreachable', async () => `rtmp://127.0.0.1:${await freeTcpPort()}/live/x`],
    ['Unauthorized', () => served('', { status: 403 })],
    ['NotFound', () => served('', { status: 404 })],
    ['UpstreamError', () => served('', { status: 500 })],
    ['EgressDenied', () => served('', { location: 'http://169.254.169.254/latest/meta-data' })],
    ['EmptyPlaylist', () => served('#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-ENDLIST\n')],
    ['NotMedia', () => served('<!doctype html><html><body>Sign in</body></html>')],
    ['NotMedia', () => served(randomBytes(200_000))],
  ] as const)('%s', async ([reason, url]) => {
    const { code, summary, errors } = await probe(await url(), '--duration', '20s');
    expect(summary.reason).toBe(reason);
    expect(summary.message).toMatch(/\S/);
    expect(code).toBe(2);
    expect(errors).not.toContain('    at ');
  });
});
