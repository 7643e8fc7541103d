import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openFileIngress } from '../../monitor/ingress/open.ts';
import {
  ffmpeg,
  framesIn,
  Origin,
  only,
  open,
  packetTimes,
  readEverything,
  readSession,
  testMedia,
  watched,
} from './ingress-origin.ts';

let origin: Origin;
const hls = ['-f', 'hls', '-hls_time', '2', '-hls_list_size', '0', '-hls_playlist_type', 'vod'];

beforeAll(async () => {
  origin = await Origin.start();
  const { directory } = origin;
  await ffmpeg(directory, ...testMedia(8), ...hls, '-hls_segment_filename', 'clear%d.ts', 'clear.m3u8');
  const copied = ['-i', 'clear.m3u8', '-c', 'copy', ...hls];
  const fragments = [
    '-bsf:a',
    'aac_adtstoasc',
    '-hls_segment_type',
    'fmp4',
    '-hls_fmp4_init_filename',
    'init.mp4',
  ];
  await ffmpeg(directory, ...copied, ...fragments, 'fmp4.m3u8');
  await ffmpeg(directory, ...copied, '-hls_flags', 'single_file', 'ranges.m3u8');
  await ffmpeg(directory, ...copied, '-map', '0:v', 'video.m3u8');
  await ffmpeg(directory, ...copied, '-map', '0:a', 'audio.m3u8');
  await writeFile(origin.path('key.bin'), randomBytes(16));
  await writeFile(origin.path('info'), `key.bin\n${origin.path('key.bin')}\n`);
  await ffmpeg(directory, ...copied, '-hls_key_info_file', 'info', 'aes.m3u8');
});

afterEach(() => {
  origin.overrides.clear();
  origin.requests.length = 0;
});

afterAll(() => origin.stop());

const watchAll = async (path: string, seen = watched()) => readEverything(await open(origin.url(path), seen));

/** A playlist like another, with some of its lines changed. */
async function altered(path: string, from: string, change: (lines: string[]) => string[]): Promise<void> {
  const text = await readFile(origin.path(from), 'utf8');
  origin.text(path, change(text.split('\n')).join('\n'));
}

/** ID3 tag with the time of a packed audio segment (RFC 8216 §3.4). */
function timestampTag(ticks: number): Buffer {
  const owner = Buffer.from('com.apple.streaming.transportStreamTimestamp\0');
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(ticks));
  const frame = Buffer.concat([
    Buffer.from('PRIV\0\0\0'),
    Buffer.from([owner.length + 8, 0, 0]),
    owner,
    time,
  ]);
  return Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\0', 'latin1'), Buffer.from([frame.length]), frame]);
}

describe('HLS that ends', () => {
  it.each([
    ['clear', 'clear.m3u8', 'mpegts'],
    ['AES-128', 'aes.m3u8', 'mpegts'],
    ['fMP4', 'fmp4.m3u8', 'mov'],
    ['byte ranges', 'ranges.m3u8', 'mpegts'],
  ])('gives every frame and sound: %s', async (_name, path, format) => {
    const seen = watched();
    const sessions = await watchAll(path, seen);
    expect(sessions).toHaveLength(1);
    const { session, inputs } = sessions[0]!;
    expect(session).toMatchObject({ live: false, transportSeen: true, expectedGap: 3 });
    expect(session.inputs).toMatchObject([{ carries: 'program', format }]);
    expect(await framesIn(inputs[0]!)).toBe(200);
    expect(await framesIn(inputs[0]!, 'a')).toBeGreaterThan(370);
    expect(seen.evidence.filter(({ evidence }) => evidence !== 'random-access')).toEqual([]);
    const points = only('random-access', seen).map(({ pts }) => pts! - seen.evidence[0]!.pts!);
    expect(points).toHaveLength(8);
    for (const [index, point] of points.entries()) expect(point).toBeCloseTo(index, 3);
  });

  it('is read from local files too, with local keys', async () => {
    const seen = watched();
    const [session] = await readEverything(await openFileIngress(origin.path('aes.m3u8'), seen.options));
    expect(await framesIn(session!.inputs[0]!)).toBe(200);
  });

  it('reads video and audio apart, whichever its reader wants first', async () => {
    origin.text(
      'apart.m3u8',
      '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="en",DEFAULT=YES,URI="audio.m3u8"\n' +
        '#EXT-X-STREAM-INF:BANDWIDTH=1000,RESOLUTION=320x180,AUDIO="a"\nvideo.m3u8\n',
    );
    const ingress = await open(origin.url('apart.m3u8'), watched());
    const session = await ingress.next();
    expect(session!.inputs.map(({ carries }) => carries)).toEqual(['video', 'audio']);
    const audio = await readSession({ ...session!, inputs: session!.inputs.slice(1) });
    const video = await readSession({ ...session!, inputs: session!.inputs.slice(0, 1) });
    expect(await framesIn(video[0]!)).toBe(200);
    expect(await framesIn(audio[0]!, 'a')).toBeGreaterThan(370);
    expect(await ingress.next()).toBeUndefined();
  });

  it('keeps the time of audio that comes without a container', async () => {
    const segments = ['-f', 'segment', '-segment_time', '2', '-segment_format', 'adts'];
    await ffmpeg(origin.directory, '-i', 'clear.m3u8', '-vn', '-c', 'copy', ...segments, 'packed%d.aac');
    const start = 5;
    let ticks = start * 90_000;
    for (let index = 0; index < 4; index++) {
      const frames = await readFile(origin.path(`packed${index}.aac`));
      const segment = Buffer.concat([timestampTag(ticks), frames]);
      origin.overrides.set(`packed${index}.aac`, (_request, response) => response.end(segment));
      ticks += (await framesIn(frames, 'a')) * 1920;
    }
    const lines = [0, 1, 2, 3].map((index) => `#EXTINF:2,\npacked${index}.aac\n`);
    origin.text('packed.m3u8', `#EXTM3U\n#EXT-X-TARGETDURATION:2\n${lines.join('')}#EXT-X-ENDLIST\n`);
    const [session] = await watchAll('packed.m3u8');
    expect(session!.session.inputs[0]!.format).toBe('mpegts');
    const times = await packetTimes(session!.inputs[0]!);
    expect(times[0]).toBeCloseTo(start, 4);
    expect(times.at(-1)).toBeCloseTo(start + (times.length - 1) * (1024 / 48_000), 3);
    expect(await framesIn(session!.inputs[0]!, 'a')).toBe(times.length);
  });

  it('takes the rendition that is wished for', async () => {
    origin.text(
      'two.m3u8',
      '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000,RESOLUTION=320x180\nclear.m3u8\n' +
        '#EXT-X-STREAM-INF:BANDWIDTH=9000,RESOLUTION=1920x1080\nfmp4.m3u8\n',
    );
    expect((await watchAll('two.m3u8'))[0]!.session.inputs[0]!.format).toBe('mov');
    const low = await watchAll('two.m3u8', watched({ rendition: { maxHeight: 720 } }));
    expect(low[0]!.session.inputs[0]!.format).toBe('mpegts');
  });

  it('starts a new session at a discontinuity', async () => {
    await altered('cut.m3u8', 'clear.m3u8', (lines) =>
      lines.flatMap((line) => (line === 'clear2.ts' ? ['clear2.ts', '#EXT-X-DISCONTINUITY'] : [line])),
    );
    const sessions = await watchAll('cut.m3u8');
    expect(await Promise.all(sessions.map(({ inputs }) => framesIn(inputs[0]!)))).toEqual([150, 50]);
  });

  it('sends the headers of the stream to its origin only', async () => {
    const other = await Origin.start();
    await writeFile(other.path('clear1.ts'), await readFile(origin.path('clear1.ts')));
    await altered('far.m3u8', 'clear.m3u8', (lines) =>
      lines.map((line) => (line === 'clear1.ts' ? other.url('clear1.ts') : line)),
    );
    await watchAll('far.m3u8', watched({ headers: { 'x-token': 'secret' } }));
    expect(new Set(origin.requests.map(({ headers }) => headers['x-token']))).toEqual(new Set(['secret']));
    expect(other.requests.map(({ headers }) => headers['x-token'])).toEqual([undefined]);
    await other.stop();
  });
});

describe('losses', () => {
  it('tells a missing segment and goes on with the next', async () => {
    origin.overrides.set('clear1.ts', (_request, response) => response.writeHead(404).end());
    const seen = watched();
    const [session] = await watchAll('clear.m3u8', seen);
    expect(await framesIn(session!.inputs[0]!)).toBe(150);
    expect(only('missing-segment', seen)).toMatchObject([{ track: 'unknown', count: 1 }]);
    // Where it would begin: two seconds after the first, which begins with its sound.
    expect(only('missing-segment', seen)[0]!.pts).toBeCloseTo(1.42 + 2, 1);
    expect(only('continuity-gap', seen)).toEqual([]);
    expect(origin.requests.filter(({ url }) => url === '/clear1.ts')).toHaveLength(4);
  });

  it('takes a broken connection up where it broke', async () => {
    let breaks = 0;
    const file = await readFile(origin.path('clear1.ts'));
    origin.overrides.set('clear1.ts', async (request, response) => {
      const from = Number(/bytes=(\d+)/.exec(request.headers.range ?? '')?.[1] ?? 0);
      if (from > 0) response.writeHead(206);
      else response.setHeader('content-length', file.length);
      if (breaks++ > 0) return response.end(file.subarray(from));
      response.write(file.subarray(0, 20_000), () => response.destroy());
    });
    const seen = watched();
    const [session] = await watchAll('clear.m3u8', seen);
    expect(breaks).toBe(2);
    expect(await framesIn(session!.inputs[0]!)).toBe(200);
    expect(seen.evidence.filter(({ evidence }) => evidence !== 'random-access')).toEqual([]);
  });

  it('tells a segment that stays short', async () => {
    const file = await readFile(origin.path('clear1.ts'));
    origin.overrides.set('clear1.ts', (request, response) => {
      if (request.headers.range) return response.writeHead(503).end();
      response.setHeader('content-length', file.length);
      response.write(file.subarray(0, 20_000), () => response.destroy());
    });
    const seen = watched();
    await watchAll('clear.m3u8', seen);
    expect(only('short-segment', seen)).toHaveLength(1);
    expect(only('continuity-gap', seen)).toEqual([]);
  });

  it('tells packets lost before the packager, with the time of the picture', async () => {
    const file = await readFile(origin.path('clear1.ts'));
    const at = 188 * Math.floor(file.length / 188 / 2);
    origin.overrides.set('clear1.ts', (_request, response) =>
      response.end(Buffer.concat([file.subarray(0, at), file.subarray(at + 5 * 188)])),
    );
    const seen = watched();
    await watchAll('clear.m3u8', seen);
    const gaps = only('continuity-gap', seen);
    expect(gaps.map(({ track }) => track)).toContain('video');
    expect(gaps.reduce((sum, { count }) => sum + count!, 0)).toBe(5);
    const { pts } = gaps.find(({ track }) => track === 'video')!;
    expect(pts).toBeGreaterThan(3.4);
    expect(pts).toBeLessThan(5.4);
    const next = only('random-access', seen).find((point) => point.pts! > pts!);
    expect(next!.pts! - pts!).toBeLessThan(1.1);
  });

  it('tells declared gaps', async () => {
    await altered('gap.m3u8', 'clear.m3u8', (lines) =>
      lines.flatMap((line) => (line === 'clear1.ts' ? ['#EXT-X-GAP', 'clear1.ts'] : [line])),
    );
    const seen = watched();
    await watchAll('gap.m3u8', seen);
    expect(only('missing-segment', seen)).toMatchObject([{ fault: 'gap', count: 1, duration: 2 }]);
    expect(origin.requests.map(({ url }) => url)).not.toContain('/clear1.ts');
  });

  it('goes on after declared gaps between discontinuities', async () => {
    await altered('slate.m3u8', 'clear.m3u8', (lines) =>
      lines.flatMap((line) => {
        if (line === 'clear0.ts') return [line, '#EXT-X-DISCONTINUITY', '#EXT-X-GAP'];
        return line === 'clear1.ts' ? [line, '#EXT-X-DISCONTINUITY'] : [line];
      }),
    );
    const seen = watched();
    const sessions = await watchAll('slate.m3u8', seen);
    expect(await Promise.all(sessions.map(({ inputs }) => framesIn(inputs[0]!)))).toEqual([50, 100]);
    expect(only('missing-segment', seen)).toMatchObject([{ fault: 'gap' }]);
  });

  it('tells segments that are not as long as the playlist says', async () => {
    await altered('lengths.m3u8', 'clear.m3u8', (lines) =>
      lines.flatMap((line, index) => (lines[index + 1] === 'clear1.ts' ? ['#EXTINF:3.2,'] : [line])),
    );
    const seen = watched();
    await watchAll('lengths.m3u8', seen);
    expect(only('playlist-fault', seen)).toEqual([
      {
        ...{ evidence: 'playlist-fault', fault: 'long-segment', track: 'unknown', value: 3.2, duration: 3.2 },
        pts: expect.closeTo(1.42 + 2, 1),
      },
      {
        ...{ evidence: 'playlist-fault', fault: 'duration-mismatch', track: 'unknown' },
        ...{ value: expect.closeTo(0.6, 2), pts: expect.closeTo(1.42 + 4, 1) },
      },
    ]);
  });
});

describe('live HLS', () => {
  it('is followed from near its end as it grows, and to its end', async () => {
    const packager = ffmpeg(
      origin.directory,
      '-re',
      ...testMedia(14),
      ...['-f', 'hls', '-hls_time', '1', '-hls_list_size', '5', '-hls_flags', 'delete_segments', 'live.m3u8'],
    );
    await new Promise((resolve) => setTimeout(resolve, 7000));
    const seen = watched();
    const ingress = await open(origin.url('live.m3u8'), seen);
    const session = await ingress.next();
    expect(session).toMatchObject({ live: true, expectedGap: 1.5 });
    const [bytes] = await readSession(session!);
    expect(await ingress.next()).toBeUndefined();
    await packager;
    const frames = await framesIn(bytes!);
    // Three seconds back from the newest of 6 or 7 finished seconds.
    expect(frames).toBeGreaterThanOrEqual(9 * 25);
    expect(frames).toBeLessThanOrEqual(12 * 25);
    expect(seen.evidence.filter(({ evidence }) => evidence !== 'random-access')).toEqual([]);
  });

  it('starts anew when the packager does', async () => {
    const playlist = (first: number, names: string[], tail = '') =>
      `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:${first}\n` +
      `${names.map((name) => `#EXTINF:2,\n${name}\n`).join('')}${tail}`;
    const states = [
      playlist(100, ['clear0.ts', 'clear1.ts']),
      playlist(0, ['clear2.ts', 'clear3.ts']),
      playlist(0, ['clear2.ts', 'clear3.ts'], '#EXT-X-ENDLIST\n'),
    ];
    origin.overrides.set('restarted.m3u8', (_request, response) =>
      response.end(states.length > 1 ? states.shift() : states[0]),
    );
    const sessions = await watchAll('restarted.m3u8');
    expect(await Promise.all(sessions.map(({ inputs }) => framesIn(inputs[0]!)))).toEqual([100, 100]);
  });

  it('tells segments that it came too late for, and no loss of the packets in them', async () => {
    const playlist = (first: number, names: string[], tail = '') =>
      `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:${first}\n` +
      `${names.map((name) => `#EXTINF:2,\n${name}\n`).join('')}${tail}`;
    const states = [
      playlist(0, ['clear0.ts']),
      playlist(2, ['clear2.ts', 'clear3.ts']),
      playlist(2, ['clear2.ts', 'clear3.ts'], '#EXT-X-ENDLIST\n'),
    ];
    origin.overrides.set('late.m3u8', (_request, response) =>
      response.end(states.length > 1 ? states.shift() : states[0]),
    );
    const seen = watched();
    await watchAll('late.m3u8', seen);
    expect(seen.evidence.filter(({ evidence }) => evidence !== 'random-access')).toEqual([
      { evidence: 'missing-segment', fault: 'skipped', track: 'unknown', count: 1 },
    ]);
  });

  it('is stale when the playlist stays as it is, after what it listed was read', async () => {
    await altered('stale.m3u8', 'clear.m3u8', (lines) => lines.filter((line) => !/ENDLIST|TYPE/.test(line)));
    const ingress = await open(origin.url('stale.m3u8'), watched());
    const [bytes] = await readSession((await ingress.next())!);
    // Three target durations back from the end of 8 s.
    expect(await framesIn(bytes!)).toBe(150);
    await expect(ingress.next()).rejects.toMatchObject({ reason: 'StalePlaylist' });
  });

  it('goes on in a new session when its reader gives one up', async () => {
    const ingress = await open(origin.url('clear.m3u8'), watched());
    (await ingress.next())!.inputs[0]!.bytes.destroy();
    expect(await ingress.next()).toBeDefined();
    ingress.close();
    expect(await ingress.next()).toBeUndefined();
  });
});

describe('what cannot be watched', () => {
  const failing = async (path: string) => {
    try {
      const ingress = await open(origin.url(path), watched());
      const session = await ingress.next();
      if (session) await readSession(session);
      await ingress.next();
    } catch (error) {
      expect((error as Error).message).not.toMatch(/127\.0\.0\.1:|token/);
      return (error as { reason?: string }).reason;
    }
    return undefined;
  };

  it.each([
    [
      'a key that is not the one',
      'WrongKey',
      () => origin.overrides.set('key.bin', (_q, r) => r.end(randomBytes(16))),
    ],
    ['a key of another length', 'KeyUnavailable', () => origin.text('key.bin', '<html>log in</html>')],
    [
      'a key that is refused',
      'KeyUnavailable',
      () => origin.overrides.set('key.bin', (_q, r) => r.writeHead(403).end()),
    ],
  ])('%s: %s', async (_name, reason, prepare) => {
    prepare();
    expect(await failing('aes.m3u8?token=secret')).toBe(reason);
  });

  it('takes a wrong IV for a wrong key', async () => {
    await altered('iv.m3u8', 'aes.m3u8', (lines) =>
      lines.map((line) =>
        line.replace(/(,IV=.*)?$/, line.startsWith('#EXT-X-KEY') ? `,IV=0x${'17'.repeat(16)}` : '$1'),
      ),
    );
    expect(await failing('iv.m3u8')).toBe('WrongKey');
  });

  it.each([
    ['nothing there', 'absent.m3u8', 'NotFound'],
    ['no segment', 'empty.m3u8', 'EmptyPlaylist'],
    ['no segment yet', 'waiting.m3u8', 'EmptyPlaylist'],
    ['an empty body', 'blank.m3u8', 'EmptyPlaylist'],
    ['a page instead of a playlist', 'page.m3u8', 'NotMedia'],
    ['pages instead of segments', 'pages.m3u8', 'NotMedia'],
    ['segments that are gone', 'gone.m3u8', 'NotFound'],
    ['a licence system', 'drm.m3u8', 'UnsupportedStream'],
    ['a local file behind HTTP', 'local.m3u8', 'UnsupportedStream'],
  ])('%s: %s is %s', async (_name, path, reason) => {
    const segments = (name: string) =>
      `#EXTM3U\n#EXT-X-TARGETDURATION:1\n${`#EXTINF:1,\n${name}\n`.repeat(4)}#EXT-X-ENDLIST\n`;
    origin.text('empty.m3u8', '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-ENDLIST\n');
    origin.text('waiting.m3u8', '#EXTM3U\n#EXT-X-TARGETDURATION:1\n');
    origin.text('blank.m3u8', '');
    origin.text('page.m3u8', '<!DOCTYPE html><html>sorry</html>', 'text/html');
    origin.text('pages.m3u8', segments('page.m3u8'));
    origin.text('gone.m3u8', segments('gone.ts'));
    origin.text(
      'drm.m3u8',
      segments('a.ts').replace(
        '#EXTINF',
        '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://k",KEYFORMAT="com.apple.streamingkeydelivery"\n#EXTINF',
      ),
    );
    origin.text('local.m3u8', segments('file:///etc/hostname'));
    expect(await failing(path)).toBe(reason);
  });

  it('refuses a local playlist that leads into the network', async () => {
    const text = await readFile(origin.path('clear.m3u8'), 'utf8');
    await writeFile(origin.path('network.m3u8'), text.replace('clear0.ts', origin.url('clear0.ts')));
    const ingress = await openFileIngress(origin.path('network.m3u8'), watched().options);
    await expect(ingress.next()).rejects.toMatchObject({ reason: 'UnsupportedStream' });
  });
});
