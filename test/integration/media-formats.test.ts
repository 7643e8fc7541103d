import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, type ExpectStatic, test } from 'vitest';
import { ffmpeg } from './ingress-origin.ts';
import { probe } from './probe-runner.ts';

const directory = mkdtempSync(join(tmpdir(), 'streammonitor-formats-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const path = (name: string) => join(directory, name);

const listed = spawnSync('ffmpeg', ['-hide_banner', '-encoders'], { encoding: 'utf8' }).stdout;
const encoders = new Set(listed.match(/(?<=^ [VA]\S{5} )\S+/gm));

/** A test of what this ffmpeg can encode; seen as skipped otherwise. */
function formatTest(
  name: string,
  needs: readonly string[],
  run: (context: { readonly expect: ExpectStatic }) => Promise<void>,
): void {
  test.skipIf(needs.some((encoder) => !encoders.has(encoder)))(name, run);
}

const picture = (rate = 25, size = '320x180') => ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}`];
const tone = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'];
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '25'];
const hevc = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none'];
const aac = ['-c:a', 'aac'];
const interlaced = ['-flags', '+ildct+ilme'];
/** The tone on each channel. */
const surround = ['-af', 'pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0'];

describe.concurrent('is decoded and found clean', () => {
  for (const [video, sound, container, rate, videoOptions, soundOptions, watched] of [
    [
      'H.264 of 10 bit',
      'AC-3 5.1',
      'ts',
      25,
      [...h264, '-pix_fmt', 'yuv420p10le'],
      [...surround, '-c:a', 'ac3'],
      '5.1(side), 48 kHz, ac3',
    ],
    [
      'H.264 interlaced',
      'E-AC-3 5.1',
      'ts',
      25,
      [...h264, ...interlaced],
      [...surround, '-c:a', 'eac3'],
      '5.1(side), 48 kHz, eac3',
    ],
    ['H.264 at 50p', 'AAC 5.1', 'ts', 50, h264, [...surround, ...aac], '5.1, 48 kHz, aac'],
    [
      'H.264 at 60p',
      'DTS',
      'ts',
      60,
      h264,
      ['-c:a', 'dca', '-ac', '2', '-strict', '-2'],
      'stereo, 48 kHz, dts',
    ],
    [
      'HEVC of 10 bit',
      'Opus',
      'ts',
      25,
      [...hevc, '-pix_fmt', 'yuv420p10le'],
      ['-c:a', 'libopus', '-ac', '2'],
      'stereo, 48 kHz, opus',
    ],
    [
      'MPEG-2 interlaced',
      'MP2',
      'ts',
      25,
      ['-c:v', 'mpeg2video', '-b:v', '1M', '-top', '1', ...interlaced],
      ['-c:a', 'mp2', '-ac', '2'],
      'stereo, 48 kHz, mp2',
    ],
    [
      'VP9',
      'Opus',
      'webm',
      25,
      ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'],
      ['-c:a', 'libopus'],
      'mono, 48 kHz, opus',
    ],
    ['AV1', 'AAC', 'mp4', 25, ['-c:v', 'libsvtav1', '-preset', '12'], aac, 'mono, 48 kHz, aac'],
  ] as const) {
    const used = [...videoOptions, ...soundOptions];
    const needs = used.filter((_, index) => /^-c:[va]$/.test(used[index - 1] ?? ''));
    formatTest(`${video} with ${sound}`, needs, async ({ expect }) => {
      const file = path(`${video.replaceAll(/\W/g, '-')}.${container}`);
      await ffmpeg(directory, ...picture(rate), ...tone, '-t', '2', ...videoOptions, ...soundOptions, file);
      const { summary, incidents } = await probe(file);
      expect(summary.reason).toBeUndefined();
      expect(incidents).toEqual([]);
      expect(summary.frames).toBeGreaterThan(0.9 * 2 * rate);
      expect(summary.audio).toBe(watched);
      const unseen = container === 'ts' ? [] : ['transport'];
      expect(Object.keys(summary.unknown).sort()).toEqual(['av-sync', 'playlist', 'reference', ...unseen]);
    });
  }
});

/** Parts of two seconds in one transport stream, each announced as a new start. */
async function joined(name: string, ...parts: readonly (readonly string[])[]): Promise<string> {
  const files = await Promise.all(
    parts.map(async (options, index) => {
      const file = path(`${name}-${index}.ts`);
      const start = ['-output_ts_offset', String(10 + 2 * index), '-mpegts_flags', '+initial_discontinuity'];
      await ffmpeg(directory, ...options, '-t', '2', ...start, file);
      return readFile(file);
    }),
  );
  await writeFile(path(`${name}.ts`), Buffer.concat(files));
  return path(`${name}.ts`);
}

describe.concurrent('what changes in mid-stream is followed', () => {
  const usual = [...picture(), ...tone, ...h264, ...aac];
  for (const [name, parts, frames, video, audio] of [
    ['resolution', [usual, [...picture(25, '640x360'), ...tone, ...h264, ...aac]], 100, '320×180', 'aac'],
    ['frame rate', [usual, [...picture(50), ...tone, ...h264, ...aac]], 150, '320×180', 'aac'],
    ['video codec', [usual, [...picture(), ...tone, ...hevc, ...aac]], 100, 'hevc', 'aac'],
    ['audio codec', [usual, [...picture(), ...tone, ...h264, '-c:a', 'ac3']], 100, 'h264', 'ac3'],
    ['audio that comes', [[...picture(), ...h264], usual], 100, 'h264', 'aac'],
    ['audio that goes', [usual, [...picture(), ...h264]], 100, 'h264', undefined],
  ] as const) {
    const needs = parts.flat().includes('libx265') ? ['libx265'] : [];
    formatTest(name, needs, async ({ expect }) => {
      const { summary, incidents } = await probe(await joined(name.replaceAll(' ', '-'), ...parts));
      // An encoder of AAC fades its first 21 ms in: where parts are joined, the sound has a gap.
      const gaps = incidents.filter(({ detector }) => detector === 'dropout');
      for (const { start } of gaps) expect(start).toBeCloseTo(2, 1);
      expect(incidents.length).toBe(gaps.length);
      expect(summary.frames).toBe(frames);
      expect(summary.monitoredSeconds).toBeGreaterThan(3.8);
      expect(summary.video).toContain(video);
      if (audio === undefined) expect(summary.unknown.silence).toBe('no audio in this stream');
      else expect(summary.audio).toContain(audio);
    });
  }
});

test('several renditions of HLS are watched side by side, none in place of another', async ({ expect }) => {
  const hls = ['-f', 'hls', '-hls_playlist_type', 'vod', '-hls_time', '2'];
  for (const height of [180, 90])
    await ffmpeg(
      directory,
      ...picture(),
      '-t',
      '4',
      '-vf',
      `scale=-2:${height}`,
      ...h264,
      ...hls,
      `${height}.m3u8`,
    );
  const variant = (height: number) =>
    `#EXT-X-STREAM-INF:BANDWIDTH=${height}000,RESOLUTION=${height * 2}x${height}\n${height}.m3u8\n`;
  await writeFile(path('heights.m3u8'), `#EXTM3U\n${variant(180)}${variant(90)}`);
  const both = await probe(path('heights.m3u8'), '--heights', '90,180');
  expect(both.code).toBe(0);
  expect(both.summaries.toSorted((a, b) => (a.rendition! < b.rendition! ? -1 : 1))).toMatchObject([
    { rendition: '180p', video: expect.stringContaining('×180') },
    { rendition: '90p', video: expect.stringContaining('×90') },
  ]);
  const one = await probe(path('heights.m3u8'), '--heights', '180,720');
  expect(one.code).toBe(2);
  expect(one.summaries.find(({ rendition }) => rendition === '720p')).toMatchObject({
    reason: 'NotOffered',
    message: 'the source has no rendition of 720 lines; it has 180, 90',
  });
  const { code, summary } = await probe(path('180.m3u8'), '--heights', '180');
  expect([code, summary.message]).toEqual([
    2,
    'the source lists no renditions, so none is known to have 180 lines: leave rendition.heights out',
  ]);
});

describe('of two audio tracks', () => {
  /** The first sounds; the second is silent, and has more channels. */
  const twoTracks = async (file: string) => {
    const silence = ['-f', 'lavfi', '-i', 'anullsrc=channel_layout=5.1:sample_rate=48000'];
    const languages = ['-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=deu'];
    const maps = ['-map', '0:v', '-map', '1:a', '-map', '2:a'];
    await ffmpeg(
      directory,
      ...picture(),
      ...tone,
      ...silence,
      '-t',
      '5',
      ...maps,
      ...h264,
      ...aac,
      ...languages,
      file,
    );
  };

  test.concurrent.for([
    [[], [], 'track 1 of 2 (eng), mono, 48 kHz, aac'],
    [['--audio-track', '2'], ['silence'], 'track 2 of 2 (deu), 5.1, 48 kHz, aac'],
    [['--audio-track', '3'], [], undefined],
    [['--audio-language', 'en'], [], 'track 1 of 2 (eng), mono, 48 kHz, aac'],
    [['--audio-language', 'de'], ['silence'], 'track 2 of 2 (deu), 5.1, 48 kHz, aac'],
  ] as const)('of a transport stream, with %j', async ([options, detectors, audio], { expect }) => {
    const file = path(`tracks-${options[1] ?? 'default'}.ts`);
    await twoTracks(file);
    const { incidents, summary } = await probe(file, ...options);
    expect(incidents.map(({ detector }) => detector)).toEqual(detectors);
    expect(summary.audio).toBe(audio);
    if (audio === undefined) expect(summary.unknown.silence).toBe('no audio in this stream');
  });

  test.concurrent('of a transport stream, none in the language asked for', async ({ expect }) => {
    const file = path('tracks-none.ts');
    await twoTracks(file);
    const { code, summary } = await probe(file, '--audio-language', 'fr');
    expect(code).toBe(2);
    expect(summary).toMatchObject({
      reason: 'NotOffered',
      message: 'the source has no audio track in fr; it has eng, deu',
    });
  });

  test.concurrent('of HLS, the one asked for', async ({ expect }) => {
    const file = path('tracks-hls.ts');
    await twoTracks(file);
    const hls = ['-c', 'copy', '-f', 'hls', '-hls_playlist_type', 'vod', '-hls_time', '2'];
    for (const [map, name] of [
      ['v', 'picture'],
      ['a:0', 'eng'],
      ['a:1', 'deu'],
    ]) {
      await ffmpeg(directory, '-i', file, '-map', `0:${map}`, ...hls, `${name}.m3u8`);
    }
    const audio = (language: string, more = '') =>
      `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="${language}",LANGUAGE="${language}",URI="${language}.m3u8"${more}`;
    const variant = '#EXT-X-STREAM-INF:BANDWIDTH=500000,AUDIO="a"\npicture.m3u8\n';
    await writeFile(
      path('all.m3u8'),
      `#EXTM3U\n${audio('deu')}\n${audio('eng', ',DEFAULT=YES')}\n${variant}`,
    );
    const [main, other, none] = await Promise.all([
      probe(path('all.m3u8')),
      probe(path('all.m3u8'), '--audio-track', '1'),
      probe(path('all.m3u8'), '--audio-track', '3'),
    ]);
    const [german, french] = await Promise.all([
      probe(path('all.m3u8'), '--audio-language', 'de'),
      probe(path('all.m3u8'), '--audio-language', 'fr'),
    ]);
    expect(german).toMatchObject({
      incidents: [{ detector: 'silence' }],
      summary: { audio: 'track 1 of 2 (deu), 5.1, 48 kHz, aac' },
    });
    expect(french.summary).toMatchObject({
      reason: 'NotOffered',
      message: 'the source has no audio track in fr; it has deu, eng',
    });
    expect(main).toMatchObject({
      incidents: [],
      summary: { audio: 'track 2 of 2 (eng), mono, 48 kHz, aac' },
    });
    expect(other.incidents).toMatchObject([{ detector: 'silence' }]);
    expect(none.summary).toMatchObject({
      reason: 'NotOffered',
      message: 'the source has 2 audio tracks: there is no track 3',
    });
  });

  test.concurrent('of DASH, the one in the language asked for', async ({ expect }) => {
    const file = path('tracks-dash.ts');
    await twoTracks(file);
    const sets = ['-adaptation_sets', 'id=0,streams=v id=1,streams=1 id=2,streams=2'];
    await ffmpeg(directory, '-i', file, '-map', '0', ...h264, ...aac, '-f', 'dash', ...sets, 'all.mpd');
    const [german, french] = await Promise.all([
      probe(path('all.mpd'), '--audio-language', 'de'),
      probe(path('all.mpd'), '--audio-language', 'fr'),
    ]);
    expect(german).toMatchObject({
      incidents: [{ detector: 'silence' }],
      summary: { audio: expect.stringMatching(/^track 2 of 2 \(deu?\), 5.1, 48 kHz, aac$/) },
    });
    expect(french.summary).toMatchObject({
      reason: 'NotOffered',
      message: expect.stringMatching(/^the source has no audio track in fr; it has eng?, deu?$/),
    });
  });
});

test.concurrent.for([
  ['sound', '-an', 'loudness', 'no audio in this stream'],
  ['pictures', '-vn', 'freeze', 'the stream has no video'],
] as const)(
  'media without %s are watched where only that is asked for, and unknown',
  async ([lacking, option, detector, reason], { expect }) => {
    const file = path(`without-${lacking}.ts`);
    await ffmpeg(directory, ...picture(), ...tone, '-t', '2', ...h264, ...aac, option, file);
    const { code, summary } = await probe(file, '--detectors', detector);
    expect(summary.unknown).toEqual({ [detector]: reason });
    expect(summary.monitoredSeconds).toBeCloseTo(2, 0);
    expect(code).toBe(0);
  },
);
