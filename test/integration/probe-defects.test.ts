import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { probe } from './probe-runner.ts';

const media = join(import.meta.dirname, '../media');
const scratch = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const ffmpeg = (...options: readonly string[]) =>
  promisify(execFile)('ffmpeg', ['-v', 'error', '-y', ...options]);

/** A clip with a defect filtered in, re-encoded as a live encoder would; a picture without a filter is copied. */
async function damaged(
  name: string,
  options: { clip?: string; video?: string; audio?: string; output?: readonly string[] },
): Promise<string> {
  const path = join(scratch, name);
  const { clip = 'bunny', video, audio = 'anull', output = [] } = options;
  const encoder = ['-c:v', 'libx264', '-preset', 'veryfast', '-b:v', '900k', '-g', '48'];
  await ffmpeg(
    ...['-i', join(media, `${clip}.mp4`)],
    ...(video === undefined ? ['-c:v', 'copy'] : ['-vf', video, ...encoder]),
    ...['-af', audio, '-c:a', 'aac', ...output, path],
  );
  return path;
}

/** Loses one packet in twenty of a transport stream, from 40 to 60 % of its length. */
function losePackets(path: string, isLosable: (packet: Buffer) => boolean = () => true): void {
  const stream = readFileSync(path);
  const packets = Array.from({ length: stream.length / 188 }, (_, index) =>
    stream.subarray(index * 188, (index + 1) * 188),
  );
  const losable = packets.filter((packet, index) => {
    const share = index / packets.length;
    return share >= 0.4 && share <= 0.6 && isLosable(packet);
  });
  const lost = new Set(losable.filter((_, index) => index % 20 === 0));
  writeFileSync(path, Buffer.concat(packets.filter((packet) => !lost.has(packet))));
}

/** Whole seconds, as an injected defect begins and ends between frames. */
const about = (seconds: number) => expect.closeTo(seconds, 0);

// Nothing in a file follows a clock: what one test leaves of the processors, the others take.
describe.concurrent('probe finds', { timeout: 300_000 }, () => {
  test.for(['bunny', 'steel', 'road'])('nothing in the clean clip %s', async (clip) => {
    const { code, incidents, summary } = await probe(join(media, `${clip}.mp4`));
    expect(incidents).toEqual([]);
    expect(code).toBe(0);
    expect(summary.monitoredSeconds).toBeCloseTo(16, 0);
    expect(summary.blindSeconds).toBe(0);
  });

  test('a source freeze that was re-encoded live', async () => {
    const { code, incidents } = await probe(
      await damaged('freeze.ts', { video: "select='not(between(t,5,10))',fps=24" }),
    );
    expect(incidents).toEqual([
      expect.objectContaining({ detector: 'freeze', start: about(5), end: about(10) }),
    ]);
    expect(code).toBe(1);
  });

  test('a picture that stands still under a running ticker', async () => {
    const ticker = 'split[a][b];[a]crop=iw:48:0:180,scroll=h=0.01[t];[b]';
    const { incidents } = await probe(
      await damaged('ticker.ts', {
        clip: 'road',
        video: `${ticker}select='not(between(t,3,15))',fps=25[f];[f][t]overlay=0:H-h`,
      }),
      ...['--detectors', 'freeze'],
    );
    expect(incidents).toEqual([
      expect.objectContaining({ kind: 'region', severity: 'warning', start: about(3), end: about(15) }),
    ]);
  });

  test('no freeze in one shorter than its minimum duration', async () => {
    const { incidents } = await probe(
      await damaged('short.ts', { video: "select='not(between(t,5,6.5))',fps=24" }),
    );
    expect(incidents).toEqual([]);
  });

  test('black, and only black', async () => {
    const { incidents } = await probe(
      await damaged('black.ts', {
        clip: 'steel',
        video: "drawbox=t=fill:color=black:enable='between(t,4,9)'",
      }),
    );
    expect(incidents).toEqual([
      expect.objectContaining({ detector: 'black', start: about(4), end: about(9) }),
    ]);
  });

  test('black behind a logo, and no freeze beside it', async () => {
    const blank = "drawbox=t=fill:color=black:enable='between(t,4,9)'";
    const logo = 'drawbox=x=iw*0.8:y=ih*0.06:w=iw*0.15:h=ih*0.2:t=fill:color=white';
    const { incidents } = await probe(
      await damaged('logo.ts', { clip: 'steel', video: `${blank},${logo}` }),
      ...['--detectors', 'black,freeze'],
    );
    expect(incidents).toEqual([
      expect.objectContaining({ detector: 'black', start: about(4), end: about(9) }),
    ]);
  });

  test.for([
    ['blue', 'steel', 'null'],
    ['green', 'bunny', 'drawbox=x=iw*0.8:y=ih*0.06:w=iw*0.15:h=ih*0.2:t=fill:color=white'],
  ] as const)('a %s picture, and no freeze beside it', async ([color, clip, logo]) => {
    const lost = `drawbox=t=fill:color=${color}:enable='between(t,4,9)'`;
    const { incidents } = await probe(await damaged(`${color}.ts`, { clip, video: `${lost},${logo}` }));
    expect(incidents).toEqual([
      expect.objectContaining({ detector: 'flat', kind: 'flat', start: about(4), end: about(9) }),
    ]);
  });

  test('silence on all channels and on one', async () => {
    const all = await probe(await damaged('silence.ts', { audio: "volume=0:enable='between(t,6,11)'" }));
    expect(all.incidents).toEqual([
      expect.objectContaining({ detector: 'silence', kind: 'digital-zero', start: about(6), end: about(11) }),
    ]);
    const right = await probe(
      await damaged('right.ts', {
        audio: "channelsplit[l][r];[r]volume=0:enable='between(t,6,13)'[q];[l][q]amerge",
      }),
      ...['--detectors', 'silence'],
    );
    expect(right.incidents).toEqual([
      expect.objectContaining({ detector: 'silence', channel: 'FR', start: about(6), severity: 'warning' }),
    ]);
  });

  test('a skip in the timestamps', async () => {
    const { incidents } = await probe(
      await damaged('skip.mp4', {
        video: "select='not(between(t,5,6.2))'",
        audio: "aselect='not(between(t,5,6.2))'",
        output: ['-fps_mode', 'passthrough'],
      }),
    );
    expect(incidents).toContainEqual(
      expect.objectContaining({
        detector: 'stall',
        kind: 'timestamp-jump',
        start: about(5),
        end: about(6.2),
      }),
    );
  });

  // Pictures are held for three to six intervals, three times in two seconds, while the motion goes on behind them.
  const lost = ['101,103', '117,121', '134,135', '147,150', '164,166', '181,184'].map(
    (numbers) => `between(n,${numbers})`,
  );
  test.for([
    ['repeated', ',fps=25'],
    ['left out', ''],
  ] as const)('stutter where pictures are %s', async ([how, rate]) => {
    const path = await damaged(`stutter-${how}.mp4`, {
      ...{ clip: 'road', video: `select='not(${lost.join('+')})'${rate}` },
      output: ['-fps_mode', 'passthrough'],
    });
    const { code, incidents } = await probe(path);
    expect(incidents).toEqual([
      expect.objectContaining({
        ...{ detector: 'stutter', kind: 'stutter', severity: 'info' },
        ...{ start: about(4), end: about(7.4) },
      }),
    ]);
    expect(code).toBe(0);
  });

  test.for([
    ['25 in 30', 'fps=30'],
    ['24 in 60', 'setpts=N/24/TB,fps=24,fps=60'],
  ] as const)('no stutter in %s', async ([name, video]) => {
    const path = await damaged(`${name}.mp4`, { clip: 'road', video, audio: 'anull', output: ['-an'] });
    expect((await probe(path, '--detectors', 'stutter')).incidents).toEqual([]);
  });

  test('blur in a stream whose usual sharpness is known', async () => {
    const [sharp, soft] = await Promise.all([
      damaged('sharp.ts', { clip: 'road', video: 'null' }),
      damaged('soft.ts', { clip: 'road', video: 'gblur=3' }),
    ]);
    const list = written(
      'list.txt',
      [...Array(20).fill(sharp), soft].map((path) => `file '${path}'\n`).join(''),
    );
    const path = join(scratch, 'blur.ts');
    await ffmpeg('-f', 'concat', '-safe', '0', '-i', list, '-map', '0:v', '-c', 'copy', path);
    const { code, incidents } = await probe(path, '--detectors', 'blur');
    expect(incidents).toEqual([
      expect.objectContaining({ kind: 'blur', severity: 'info', start: about(320), end: about(336) }),
    ]);
    expect(code).toBe(0);
  });

  test('block corruption where packets were lost, and where the loss was', async () => {
    const path = await damaged('lossy.ts', { clip: 'road', video: 'null' });
    losePackets(path);
    const { incidents, summary } = await probe(path, '--detectors', 'block-corruption');
    expect(summary.evidence['continuity-gap']).toBeGreaterThan(10);
    expect(incidents).toEqual([expect.objectContaining({ detector: 'block-corruption' })]);
    expect(incidents[0]!.start).toBeGreaterThan(5);
    expect(incidents[0]!.end).toBeLessThan(13);
  });

  test('a dropout where packets of sound were lost', async () => {
    const path = await damaged('dropouts.ts', { clip: 'road', video: 'null' });
    const audioPid = 0x101;
    losePackets(path, (packet) => (packet.readUInt16BE(1) & 0x1fff) === audioPid);
    const { incidents } = await probe(path, '--detectors', 'dropout');
    expect(incidents).toEqual([
      expect.objectContaining({ detector: 'dropout', kind: 'gap', severity: 'info' }),
    ]);
    expect(incidents[0]!.start).toBeGreaterThan(5);
    expect(incidents[0]!.end).toBeLessThan(13);
  });

  test('audio that comes late against a sync marker', async () => {
    const marker = "drawbox=w=iw/4:h=ih/4:t=fill:color=white:enable='lt(mod(t,2),0.06)'";
    const beep =
      "[0:a]volume=0.2[quiet];aevalsrc='0.8*sin(2*PI*1000*t)*lt(mod(t,2),0.08)':s=48000:d=16,adelay=300:all=1[beep]";
    const path = join(scratch, 'late.ts');
    const filters = `[0:v]${marker}[v];${beep};[quiet][beep]amix=normalize=0[a]`;
    await ffmpeg(
      ...['-i', join(media, 'road.mp4'), '-filter_complex', filters, '-map', '[v]', '-map', '[a]'],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-g', '50', '-c:a', 'aac', path],
    );
    const { incidents } = await probe(path, '--detectors', 'av-sync');
    expect(incidents).toEqual([
      expect.objectContaining({ detector: 'av-sync', kind: 'audio-late', severity: 'critical' }),
    ]);
  });
});

describe('probe says clearly that it cannot watch', () => {
  test.for([
    ['a truncated MP4', () => truncated('truncated.mp4')],
    ['random bytes', () => written('random.ts', randomBytes(300_000))],
    ['an empty file', () => written('empty.mp4', Buffer.alloc(0))],
    ['a text file', () => written('text.mp4', Buffer.from('not a film\n'.repeat(100)))],
  ] as const)('%s', async ([, path]) => {
    const { code, summary, errors } = await probe(path());
    expect(code).toBe(2);
    expect(summary.message).toMatch(/\S/);
    expect(errors).not.toContain('    at ');
  });

  test('a file that is not there, a wrong option and a wrong scheme', async () => {
    expect(await probe('/no/such/file.ts')).toMatchObject({
      code: 2,
      summary: { message: 'there is no file /no/such/file.ts' },
    });
    const detector = await probe(join(media, 'road.mp4'), '--detectors', 'freez');
    expect(detector.summary.message).toMatch(/"freez" is not a detector; there are .*freeze/);
    expect((await probe('ftp://host/file')).summary.message).toMatch(/scheme "ftp"; supported are http/);
    expect((await probe('https://user:secret@host/x')).summary.message).toMatch(/user name or password/);
  });

  test('without ffmpeg, and how to install it', async () => {
    const path = process.env.PATH;
    const tools = mkdtempSync(join(scratch, 'tools-'));
    for (const tool of ['dirname', 'readlink', 'mkfifo']) symlinkSync(`/usr/bin/${tool}`, join(tools, tool));
    process.env.PATH = tools;
    try {
      const { code, summary } = await probe(join(media, 'road.mp4'));
      expect(code).toBe(2);
      expect(summary).toMatchObject({
        reason: 'FfmpegMissing',
        message: expect.stringContaining('apt-get install ffmpeg'),
      });
    } finally {
      process.env.PATH = path;
    }
  });
});

function truncated(name: string): string {
  const path = written(name, readFileSync(join(media, 'road.mp4')));
  truncateSync(path, 20_000);
  return path;
}

function written(name: string, bytes: Buffer | string): string {
  const path = join(scratch, name);
  writeFileSync(path, bytes);
  return path;
}
