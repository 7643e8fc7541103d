import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'vitest';
import { detectorCatalogue } from '../../crds/detector-catalogue.ts';
import { probe } from './probe-runner.ts';
import {
  clip,
  freeTcpPort,
  startDash,
  startHls,
  startHttpTs,
  startOrigin,
  startRtmp,
  startRtsp,
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

const credentials = { user: 'reader', password: 'hunter2' };
const live = ['--duration', '9s'];

describe.concurrent('probe watches a clean live stream', () => {
  test.for([
    ['HLS', () => startHls(), []],
    ['HLS, AES-128, two renditions', () => startHls({ encrypted: true, renditions: 2 }), []],
    ['HLS, fMP4', () => startHls({ container: 'fmp4' }), ['transport']],
    ['HLS, separate audio', () => startHls({ separateAudio: true }), []],
    ['DASH', () => startDash(), ['transport']],
    ['MPEG-TS over HTTP', () => startHttpTs(), ['playlist']],
    ['MPEG-TS over UDP', () => startUdpTs(), ['playlist']],
    ['SRT', () => startSrtListener(), ['playlist', 'transport']],
    ['RTMP', () => startRtmp(), ['playlist', 'transport']],
    ['RTSP', () => startRtsp(), ['playlist', 'transport']],
  ] as const)('%s', async ([name, start, unseen], { expect, onTestFinished }) => {
    const sender = await publish<{ url: string; stop(): Promise<void> }>(start(), onTestFinished);
    const { code, incidents, summary } = await probe(sender.url, ...live);
    expect(incidents, name).toEqual([]);
    expect(code).toBe(0);
    expect(summary.frames).toBeGreaterThan(50);
    expect(Object.keys(summary.unknown).sort()).toEqual(['av-sync', 'reference', ...unseen].sort());
  });

  test('without sound', async ({ expect, onTestFinished }) => {
    const sender = await publish(startUdpTs({ source: clip('road', { tracks: 'video' }) }), onTestFinished);
    const { code, summary } = await probe(sender.url, '--duration', '12s');
    expect(code).toBe(0);
    expect(summary.unknown).toMatchObject({ silence: 'no audio in this stream' });
  });

  test('without picture', async ({ expect, onTestFinished }) => {
    const sender = await publish(startUdpTs({ source: clip('road', { tracks: 'audio' }) }), onTestFinished);
    const { code, incidents, summary } = await probe(sender.url, '--duration', '12s');
    // What is advisory is no defect.
    expect(code).toBe(0);
    // ffmpeg puts a clock reference with every 235 ms of sound, and only there.
    expect(incidents).toEqual([
      expect.objectContaining({ detector: 'transport', kind: 'pcr-repetition', severity: 'info' }),
    ]);
    expect(summary.monitoredSeconds).toBeGreaterThan(2);
    expect(summary.frames).toBe(0);
    const unseen = Object.keys(summary.unknown);
    expect(unseen).toEqual(
      expect.arrayContaining(['av-sync', 'black', 'block-corruption', 'freeze', 'playlist', 'reference']),
    );
    const listening = Object.values(detectorCatalogue).filter(({ needs }) => needs.join() === 'audio');
    expect(unseen).not.toEqual(expect.arrayContaining([expect.toBeOneOf(listening.map(({ type }) => type))]));
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
    ['Unreachable', async () => `rtsp://127.0.0.1:${await freeTcpPort()}/live`],
    ['Unauthorized', (finished: OnTestFinished) => served(finished, '', { status: 403 })],
    [
      'Unauthorized',
      async (finished: OnTestFinished) => (await publish(startRtsp({ credentials }), finished)).url,
    ],
    ['NotFound', (finished: OnTestFinished) => served(finished, '', { status: 404 })],
    [
      'NotFound',
      async (finished: OnTestFinished) => new URL('/none', (await publish(startRtsp(), finished)).url).href,
    ],
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
