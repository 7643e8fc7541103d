import { execFile } from 'node:child_process';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  clip,
  type PackagedSender,
  type Sender,
  startDash,
  startHls,
  startHttpTs,
  startOrigin,
  startRtmp,
  startRtpTs,
  startRtsp,
  startSrtCaller,
  startSrtListener,
  startUdpTs,
  testPattern,
} from './senders.ts';

function stopAfterwards<S extends { stop(): Promise<void> }>(sender: S): S {
  onTestFinished(() => sender.stop());
  return sender;
}

/** Decodes three seconds of what a URL plays: key frames are 2 s apart. */
async function play(url: string): Promise<{ type: string; height?: number; frames: number }[]> {
  const { stdout } = await promisify(execFile)(
    'ffprobe',
    [
      ...['-v', 'fatal', '-read_intervals', '%+3', '-analyzeduration', '2M', '-count_frames', '-of', 'json'],
      ...['-show_entries', 'stream=codec_type,height,nb_read_frames', url],
    ],
    { timeout: 40_000, killSignal: 'SIGKILL' },
  );
  const { streams } = JSON.parse(stdout) as {
    streams: { codec_type: string; height?: number; nb_read_frames?: string }[];
  };
  return streams.map(({ codec_type, height, nb_read_frames }) => ({
    type: codec_type,
    height,
    frames: Number(nb_read_frames ?? 0),
  }));
}

/** Decodes the first two segments of a DASH representation, as a player would fetch them. */
async function playDashSegments(dash: PackagedSender, id: number) {
  const names = [`init-${id}`, `chunk-${id}-00001`, `chunk-${id}-00002`];
  const parts = await Promise.all(
    names.map(async (name) => (await fetch(new URL(`${name}.m4s`, dash.url))).bytes()),
  );
  const file = join(dash.directory, `joined-${id}.mp4`);
  await writeFile(file, Buffer.concat(parts));
  return play(file);
}

async function expectPlays(sender: Sender): Promise<void> {
  const streams = await play(sender.url);
  for (const type of ['video', 'audio']) {
    const frames = Math.max(0, ...streams.filter((each) => each.type === type).map((each) => each.frames));
    expect(frames, `${type} frames in three seconds`).toBeGreaterThan(10);
  }
}

// Mostly waiting: live media takes its time.
describe.concurrent('senders', () => {
  test.each([
    ['clear MPEG-TS', {}],
    ['AES-128', { encrypted: true }],
    ['fMP4', { container: 'fmp4' }],
    ['separate audio', { separateAudio: true }],
    ['fMP4 with separate audio', { container: 'fmp4', separateAudio: true }],
  ] as const)('HLS plays: %s', async (_name, options) => {
    await expectPlays(stopAfterwards(await startHls(options)));
  });

  test('HLS plays: two renditions, encrypted', async () => {
    const hls = stopAfterwards(await startHls({ renditions: 2, encrypted: true }));
    await expectPlays(hls);
    const heights = (await play(hls.url)).flatMap(({ height }) => height ?? []);
    expect(heights.sort()).toEqual([240, 360]);
    expect(hls.origin.requests.some(({ path }) => path === '/key.bin')).toBe(true);
  });

  test.each([
    ['SegmentTimeline', true],
    ['numbered', false],
  ])('DASH plays: %s', async (_name, timeline) => {
    const dash = stopAfterwards(await startDash({ timeline }));
    const manifest = await (await fetch(dash.url)).text();
    expect(manifest.includes('<SegmentTimeline>')).toBe(timeline);
    const [video, audio] = await Promise.all([0, 1].map((id) => playDashSegments(dash, id)));
    expect(video).toMatchObject([{ type: 'video', height: 360 }]);
    expect(video?.[0]?.frames).toBeGreaterThan(70);
    expect(audio).toMatchObject([{ type: 'audio' }]);
  });

  test('MPEG-TS over HTTP plays', async () => {
    await expectPlays(stopAfterwards(await startHttpTs({ source: testPattern() })));
  });

  test('MPEG-TS over UDP plays', async () => {
    await expectPlays(stopAfterwards(await startUdpTs()));
  });

  test('MPEG-TS over RTP plays', async () => {
    await expectPlays(stopAfterwards(await startRtpTs()));
  });

  test('SRT listener plays, to one caller after the other', async () => {
    const srt = stopAfterwards(await startSrtListener());
    await expectPlays(srt);
    await expectPlays(srt);
  });

  test('SRT caller plays to a listener that comes later', async () => {
    await expectPlays(stopAfterwards(await startSrtCaller()));
  });

  test('RTSP plays, to those who have the password', async () => {
    const credentials = { user: 'reader', password: 'hunter2' };
    const sender = stopAfterwards(await startRtsp({ source: clip('bunny'), credentials }));
    await expectPlays({ ...sender, url: sender.url.replace('//', '//reader:hunter2@') });
    await expect(play(sender.url)).rejects.toThrow();
  });

  test('RTMP plays', async () => {
    await expectPlays(stopAfterwards(await startRtmp({ source: clip('bunny') })));
  });

  test('audio alone and video alone', async () => {
    const audio = stopAfterwards(await startHttpTs({ source: clip('road', { tracks: 'audio' }) }));
    const video = stopAfterwards(await startHttpTs({ source: testPattern({ tracks: 'video' }) }));
    expect((await play(audio.url)).map(({ type }) => type)).toEqual(['audio']);
    expect((await play(video.url)).map(({ type }) => type)).toEqual(['video']);
  });

  test('lost packets damage what is received', async () => {
    const ts = stopAfterwards(await startHttpTs());
    let count = 0;
    ts.tamper((packet) => (count++ % 50 === 49 ? undefined : packet));
    const { stderr } = await promisify(execFile)('ffmpeg', [
      ...['-hide_banner', '-i', ts.url, '-t', '2', '-f', 'null', '-'],
    ]);
    expect(stderr).toMatch(/corrupt input packet/);
  });

  test('ended media ends the response; suspended media halts it', async () => {
    const ts = stopAfterwards(await startHttpTs());
    const response = await fetch(ts.url);
    const reader = response.body!.getReader();
    await reader.read();
    ts.suspend();
    const bytesWithin = async (milliseconds: number) => {
      let bytes = 0;
      const until = performance.now() + milliseconds;
      while (performance.now() < until) {
        const timeout = new Promise<undefined>((resolve) => setTimeout(resolve, until - performance.now()));
        pending ??= reader.read();
        const got = await Promise.race([pending, timeout]);
        if (got) {
          bytes += got.value?.length ?? 0;
          pending = undefined;
        }
      }
      return bytes;
    };
    let pending: ReturnType<typeof reader.read> | undefined;
    await bytesWithin(200);
    expect(await bytesWithin(700)).toBe(0);
    ts.resume();
    expect(await bytesWithin(1000)).toBeGreaterThan(10_000);
    await ts.endMedia();
    let end = await (pending ?? reader.read());
    while (!end.done) end = await reader.read();
  });

  test('an origin fails as it is told', async () => {
    const media = join(import.meta.dirname, '../media');
    const { size } = await stat(join(media, 'road.mp4'));
    const origin = stopAfterwards(await startOrigin(media));
    const url = `${origin.url}/road.mp4`;

    const part = await fetch(url, { headers: { range: 'bytes=100-199' } });
    expect([part.status, (await part.arrayBuffer()).byteLength]).toEqual([206, 100]);

    const undo = origin.fail('/road.mp4', { status: 404 });
    expect((await fetch(url)).status).toBe(404);
    undo();
    expect((await fetch(url).then((ok) => ok.arrayBuffer())).byteLength).toBe(size);

    const undoCut = origin.fail(/\.mp4$/, { cutAfter: 5000 });
    const cut = await fetch(url);
    expect(Number(cut.headers.get('content-length'))).toBe(size);
    await expect(cut.arrayBuffer()).rejects.toThrow();
    undoCut();

    const undoStall = origin.fail(/\.mp4$/, { stallAfter: 5000 });
    await expect(
      fetch(url, { signal: AbortSignal.timeout(500) }).then((r) => r.arrayBuffer()),
    ).rejects.toThrow(/timeout/);
    undoStall();

    const undoSlow = origin.fail(/\.mp4$/, { bytesPerSecond: 2 * size });
    const begin = performance.now();
    await (await fetch(url)).arrayBuffer();
    expect(performance.now() - begin).toBeGreaterThan(400);
    undoSlow();

    origin.fail('/road.mp4', { unless: { header: 'Authorization', value: 'Bearer x' }, delay: 0.2 });
    expect((await fetch(url)).status).toBe(403);
    expect((await fetch(url, { method: 'HEAD', headers: { authorization: 'Bearer x' } })).status).toBe(200);
    expect(origin.requests.length).toBeGreaterThan(5);
  });
});
