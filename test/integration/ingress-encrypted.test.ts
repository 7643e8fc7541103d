import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ContentKeys } from '../../monitor/ingress/segmented/content-keys.ts';
import {
  type MediaKey,
  protectedInit,
  protectedSegment,
  retyped,
  sampleEncryptedSound,
  sampleEncryptedVideo,
} from './encrypted-media.ts';
import { ffmpeg, framesIn, Origin, open, readEverything, testMedia, watched } from './ingress-origin.ts';
import { probe } from './probe-runner.ts';

let origin: Origin;
const media: MediaKey = { key: randomBytes(16), keyId: randomBytes(16), iv: randomBytes(16) };
const other = randomBytes(16);
const hls = ['-f', 'hls', '-hls_time', '2', '-hls_list_size', '0', '-hls_playlist_type', 'vod'];
const methods = { cenc: 'SAMPLE-AES-CTR', cbcs: 'SAMPLE-AES' };
const hex = (data: Buffer) => data.toString('hex');
const supplied = (key: Buffer, keyId?: Buffer) =>
  ContentKeys.parse((keyId ? `${hex(keyId)}:` : '') + hex(key));

beforeAll(async () => {
  origin = await Origin.start();
  const { directory } = origin;
  await writeFile(origin.path('key.bin'), media.key);
  await ffmpeg(directory, ...testMedia(6), 'clear.mp4');
  for (const sound of ['aac', 'ac3', 'eac3'] as const) await writeSampleAes(sound);
  const copied = ['-i', 'clear.mp4', '-c', 'copy'];
  await ffmpeg(
    directory,
    ...[...copied, ...hls, '-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', 'f-init.mp4'],
    ...['-hls_segment_filename', 'f-%d.m4s', 'f.m3u8'],
  );
  await ffmpeg(directory, ...copied, '-f', 'dash', '-seg_duration', '2', 'd.mpd');
  for (const scheme of ['cenc', 'cbcs'] as const) {
    for (const name of await readdir(directory)) {
      if (!/^(f-|init-stream|chunk-stream).*m(p4|4s)$/.test(name)) continue;
      const clear = await readFile(origin.path(name));
      const isInit = name.includes('init');
      const video = new Set(name.startsWith('f-') ? [1] : name.includes('stream0') ? [1] : []);
      const data = isInit
        ? protectedInit(clear, scheme, media)
        : protectedSegment(clear, scheme, video, media);
      await writeFile(origin.path(`${scheme}-${name}`), data);
    }
    const manifest = (await readFile(origin.path('d.mpd'), 'utf8'))
      .replaceAll(/(init|chunk)-stream/g, `${scheme}-$1-stream`)
      .replaceAll(
        '</AdaptationSet>',
        '<ContentProtection schemeIdUri="urn:mpeg:dash:mp4protection:2011"/></AdaptationSet>',
      );
    origin.text(`${scheme}.mpd`, manifest, 'application/dash+xml');
    await writeFile(origin.path(`${scheme}.mpd`), manifest);
  }
});

afterEach(() => origin.overrides.clear());
afterAll(() => origin.stop());

/** SAMPLE-AES in MPEG-TS: encrypted elementary streams, put into segments by ffmpeg. */
async function writeSampleAes(sound: 'aac' | 'ac3' | 'eac3'): Promise<void> {
  const { directory } = origin;
  const format = sound === 'aac' ? 'adts' : sound;
  await ffmpeg(directory, '-i', 'clear.mp4', '-c:v', 'copy', '-an', '-f', 'h264', `${sound}-video`);
  await ffmpeg(directory, '-i', 'clear.mp4', '-vn', '-c:a', sound, '-f', format, `${sound}-sound`);
  const listed = spawnSync(
    'ffprobe',
    [
      '-v',
      'error',
      '-f',
      sound,
      '-show_entries',
      'packet=size',
      '-of',
      'csv=p=0',
      origin.path(`${sound}-sound`),
    ],
    { encoding: 'utf8' },
  );
  const sizes = listed.stdout.trim().split('\n').map(Number.parseFloat);
  const clearSound = await readFile(origin.path(`${sound}-sound`));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(clearSound.length);
  await writeFile(
    origin.path(`${sound}-video`),
    sampleEncryptedVideo(await readFile(origin.path(`${sound}-video`)), media),
  );
  const leader = sound === 'aac' ? 23 : 16;
  await writeFile(origin.path(`${sound}-sound`), sampleEncryptedSound(clearSound, sizes, leader, media));
  await ffmpeg(
    directory,
    ...[
      '-f',
      'h264',
      '-framerate',
      '25',
      '-i',
      `${sound}-video`,
      '-f',
      sound,
      '-i',
      `${sound}-sound`,
      '-c',
      'copy',
    ],
    ...[...hls, '-hls_segment_filename', `${sound}-%d.ts`, `${sound}-clear.m3u8`],
  );
  const encryptedTypes = { 27: 0xdb, 15: 0xcf, 129: 0xc1, 135: 0xc2 };
  for (const name of await readdir(directory)) {
    if (!name.startsWith(`${sound}-`) || !name.endsWith('.ts')) continue;
    await writeFile(origin.path(name), retyped(await readFile(origin.path(name)), encryptedTypes));
  }
  await writePlaylist(`${sound}.m3u8`, `${sound}-clear.m3u8`, 'SAMPLE-AES');
}

/** A playlist like another, with a key. */
async function writePlaylist(
  name: string,
  from: string,
  method: string,
  format = '',
  prefix = '',
): Promise<void> {
  const key = `#EXT-X-KEY:METHOD=${method},URI="key.bin",IV=0x${hex(media.iv)}${format}\n`;
  const text = (await readFile(origin.path(from), 'utf8'))
    .replace(/#EXT-X-MAP:URI="/, `$&${prefix}`)
    .replaceAll(/^f-/gm, `${prefix}f-`)
    .replace('#EXTINF', `${key}#EXTINF`);
  await writeFile(origin.path(name), text);
}

async function watchAll(path: string, keys?: ContentKeys) {
  return readEverything(await open(origin.url(path), watched(keys ? { keys } : {})));
}

/** Frames that ffmpeg's own reader of a format decodes: the judge of what the tests encrypt. */
function framesByFfmpeg(...input: string[]): number {
  const counting = [
    '-v',
    'error',
    '-count_frames',
    '-show_entries',
    'stream=nb_read_frames',
    '-of',
    'csv=p=0',
  ];
  const { stdout, stderr } = spawnSync('ffprobe', [...counting, '-select_streams', 'v', ...input], {
    cwd: origin.directory,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return Number.parseInt(stdout, 10);
}

describe('SAMPLE-AES in MPEG-TS', () => {
  it.each(['aac', 'ac3', 'eac3'])('is decrypted to the last frame, with %s', async (sound) => {
    const [session] = await watchAll(`${sound}.m3u8`);
    expect(session!.session.inputs).toMatchObject([{ carries: 'program', format: 'mpegts' }]);
    expect(await framesIn(session!.inputs[0]!)).toBe(150);
    expect(await framesIn(session!.inputs[0]!, 'a')).toBeGreaterThan(180);
  });

  it('is what ffmpeg takes for it', () => {
    // ffmpeg 5.1 leaves the last two pictures of a stream encrypted.
    const five = ['-read_intervals', '%+5'];
    expect(framesByFfmpeg(...five, '-allowed_extensions', 'ALL', '-i', 'aac.m3u8')).toBeGreaterThan(120);
  });
});

describe('Common Encryption', () => {
  describe.each(['cenc', 'cbcs'] as const)('%s', (scheme) => {
    it('of HLS is decrypted with the key of the playlist', async () => {
      await writePlaylist('keyed.m3u8', 'f.m3u8', methods[scheme], '', `${scheme}-`);
      const [session] = await watchAll('keyed.m3u8');
      expect(await framesIn(session!.inputs[0]!)).toBe(150);
      expect(await framesIn(session!.inputs[0]!, 'a')).toBeGreaterThan(270);
    });

    it('of HLS for a licence system is decrypted with the supplied key', async () => {
      const format = ',KEYFORMAT="com.apple.streamingkeydelivery",KEYFORMATVERSIONS="1"';
      await writePlaylist('licensed.m3u8', 'f.m3u8', methods[scheme], format, `${scheme}-`);
      await expect(watchAll('licensed.m3u8')).rejects.toThrow(
        expect.objectContaining({
          reason: 'UnsupportedStream',
          message: expect.stringContaining('decryption.keyFrom'),
        }),
      );
      const [session] = await watchAll('licensed.m3u8', supplied(media.key));
      expect(await framesIn(session!.inputs[0]!)).toBe(150);
    });

    it('of DASH is decrypted with the supplied key', async () => {
      await expect(watchAll(`${scheme}.mpd`)).rejects.toThrow(
        expect.objectContaining({ reason: 'UnsupportedStream' }),
      );
      const [session] = await watchAll(`${scheme}.mpd`, supplied(media.key, media.keyId));
      expect(await framesIn(session!.inputs[0]!)).toBe(150);
      expect(await framesIn(session!.inputs[1]!, 'a')).toBeGreaterThan(270);
    });

    it('is what ffmpeg takes for it', async () => {
      // ffmpeg 5.1 takes the vectors of a second fragment for those of the first.
      const names = ['init-stream0.m4s', 'chunk-stream0-00001.m4s'];
      const parts = await Promise.all(names.map((name) => readFile(origin.path(`${scheme}-${name}`))));
      await writeFile(origin.path('joined.mp4'), Buffer.concat(parts));
      const frames = framesByFfmpeg('-decryption_key', hex(media.key), '-i', 'joined.mp4');
      expect(frames).toBe(50);
    });
  });

  it('names the key ID that none of several keys is for', async () => {
    await expect(watchAll('cenc.mpd', supplied(media.key, other))).rejects.toThrow(
      expect.objectContaining({ reason: 'WrongKey', message: expect.stringContaining(hex(media.keyId)) }),
    );
  });
});

describe('probing with keys from a file', () => {
  it('watches with them, and refuses what is no key', async () => {
    const file = origin.path('keys');
    await writeFile(file, `${hex(media.keyId)}:${hex(media.key)}\n`);
    const { code, summary } = await probe(origin.url('cbcs.mpd'), '--keys', file);
    expect(summary.frames).toBe(150);
    expect(code).toBe(0);
    await writeFile(file, 'hunter2');
    await expect(probe(origin.url('cbcs.mpd'), '--keys', file)).rejects.toThrow(
      'line 1 is not a key of 32 hexadecimal digits',
    );
  });
});

describe('probing with a wrong key', () => {
  it.each(['cenc.m3u8', 'ts.m3u8'])('says that it is wrong: %s', async (path) => {
    await writePlaylist('cenc.m3u8', 'f.m3u8', methods.cenc, '', 'cenc-');
    await writePlaylist('ts.m3u8', 'aac-clear.m3u8', 'SAMPLE-AES');
    origin.overrides.set('key.bin', (_request, response) => response.end(other));
    const { summary } = await probe(origin.url(path));
    expect(summary).toMatchObject({ reason: 'WrongKey', message: expect.stringContaining('key') });
  });
});
