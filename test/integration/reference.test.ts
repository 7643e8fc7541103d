import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { probe } from './probe-runner.ts';
import { freeTcpPort, type Source, startHttpTs, startSrtListener } from './senders.ts';

const media = join(import.meta.dirname, '../media');
const scratch = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** The clips one after the other, of 32 s, as the contribution has them. */
const programme = join(scratch, 'programme.mp4');
/** The same picture small, at half the frame rate, under a logo and at a third of the bit-rate: what viewers get. */
const picture = join(scratch, 'picture.mp4');

const ffmpeg = (...options: readonly string[]) =>
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...options], { stdio: 'pipe' });
const aac = (bitrate: string) => ['-c:a', 'aac', '-b:a', bitrate];
const h264 = (bitrate: string) => ['-c:v', 'libx264', '-preset', 'ultrafast', '-b:v', bitrate];

beforeAll(() => {
  const clips = ['bunny', 'steel'];
  const parts = clips.map(
    (_, index) =>
      `[${index}:v]scale=426:240,setsar=1,fps=50[v${index}];[${index}:a]aformat=sample_rates=48000:channel_layouts=stereo[a${index}]`,
  );
  ffmpeg(
    ...clips.flatMap((clip) => ['-i', join(media, `${clip}.mp4`)]),
    '-filter_complex',
    `${parts.join(';')};[v0][a0][v1][a1]concat=n=2:v=1:a=1[v][a]`,
    ...['-map', '[v]', '-map', '[a]', ...h264('1M'), '-g', '100', ...aac('192k'), programme],
  );
  const logo = 'drawbox=x=iw-48:y=8:w=40:h=20:color=white:t=fill';
  ffmpeg('-i', programme, '-an', '-vf', `fps=25,scale=320:180,${logo}`, ...h264('300k'), '-g', '50', picture);
}, 60_000);

/** What viewers get, from `start` seconds of the programme on, with the sound so many seconds late. */
function published(name: string, { late = 0, start = 0, seconds = 18, sound = 'anull' }): string {
  const path = join(scratch, name);
  ffmpeg(
    ...['-ss', String(start), '-t', String(seconds), '-i', picture],
    ...['-itsoffset', String(late), '-ss', String(start), '-t', String(seconds), '-i', programme],
    ...['-map', '0:v', '-map', '1:a', '-af', `volume=-9dB,${sound}`],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-b:v', '300k', ...aac('48k'), path],
  );
  return path;
}

const compared = (target: string, ...options: string[]) =>
  probe(target, '--detectors', 'av-sync,reference', '--reference', programme, ...options);

describe('probe --reference', () => {
  test.for([
    ['80 ms early', -0.08, 'audio-early'],
    ['half a second late', 0.5, 'audio-late'],
  ] as const)('finds sound that is %s, five seconds into the programme', async ([what, late, kind]) => {
    const { incidents, summary } = await compared(published(`${what}.ts`, { late, start: 5 }));
    expect(incidents).toEqual([expect.objectContaining({ detector: 'av-sync', kind, source: 'reference' })]);
    expect(summary.unknown).toEqual({});
  });

  test('finds nothing where sound and picture are as they should be', async () => {
    const { code, incidents, summary } = await compared(published('same.ts', { start: 10 }));
    expect(incidents).toEqual([]);
    expect(summary.unknown).toEqual({});
    expect(code).toBe(0);
  });

  test('finds the sound of another programme under the right picture', async () => {
    const stream = published('sound.ts', { seconds: 15 });
    const mixed = join(scratch, 'mixed.ts');
    ffmpeg(
      ...['-i', stream, '-i', join(media, 'road.mp4'), '-filter_complex'],
      '[0:a]atrim=end=15[a];[1:a]aformat=sample_rates=48000:channel_layouts=stereo[b];[a][b]concat=n=2:v=0:a=1[s]',
      ...[
        '-ss',
        '0',
        '-t',
        '30',
        '-i',
        picture,
        '-map',
        '2:v',
        '-map',
        '[s]',
        '-c:v',
        'copy',
        ...aac('64k'),
        mixed,
      ],
    );
    const { incidents, summary } = await compared(mixed);
    const [sound] = incidents.filter(({ detector }) => detector === 'reference');
    expect(sound).toMatchObject({ kind: 'sound-mismatch' });
    expect(sound!.start).toBeGreaterThan(15);
    expect(sound!.start).toBeLessThan(24);
    expect(incidents.map(({ kind }) => kind)).toEqual(['sound-mismatch']);
    expect(summary.unknown['av-sync']).toBe('the sound was not found in that of the reference');
  });

  test('finds a slate over the programme, while the sound goes on', async () => {
    const slate = join(scratch, 'slate.ts');
    ffmpeg(
      ...['-t', '30', '-i', programme],
      ...[
        '-vf',
        "fps=25,drawbox=color=blue:t=fill:enable='gte(t,16)'",
        ...h264('500k'),
        ...aac('96k'),
        slate,
      ],
    );
    const { incidents } = await compared(slate);
    expect(incidents).toEqual([expect.objectContaining({ detector: 'reference', kind: 'picture-mismatch' })]);
    expect(incidents[0]!.start).toBeGreaterThan(16);
    expect(incidents[0]!.start).toBeLessThan(22);
  });

  test.for([
    [
      'that nobody serves',
      async () => `http://127.0.0.1:${await freeTcpPort()}/live.m3u8`,
      'the host refuses the connection',
    ],
    ['that is silent', async () => silent(), 'the reference has no sound to compare'],
    ['of another programme', async () => join(media, 'road.mp4'), 'not found in that of the reference'],
  ] as const)(
    'is unknown, and judges the stream as ever, with a reference %s',
    async ([, reference, reason]) => {
      const stream = join(media, 'bunny.mp4');
      const { code, incidents, summary } = await probe(stream, '--reference', await reference());
      expect(summary.unknown['av-sync']).toContain(reason);
      expect(summary.monitoredSeconds).toBeCloseTo(16, 0);
      expect(incidents).toEqual([]);
      expect(code).toBe(0);
    },
  );

  test('names what is wrong with a reference that cannot be one', async () => {
    const { code, summary } = await probe(join(media, 'bunny.mp4'), '--reference', '/nowhere.ts');
    expect(summary.message).toBe('--reference: there is no file /nowhere.ts');
    expect(code).toBe(2);
  });

  test('compares live streams by the wall clock', async () => {
    const late = published('live.ts', { late: 0.3, seconds: 30 });
    const contribution = await startSrtListener({ source: once(programme) });
    const sender = await startHttpTs({ source: once(late) });
    try {
      const { incidents } = await probe(
        sender.url,
        ...['--detectors', 'av-sync,reference', '--reference', contribution.url, '--duration', '22s'],
      );
      expect(incidents).toEqual([
        expect.objectContaining({ detector: 'av-sync', kind: 'audio-late', severity: 'critical' }),
      ]);
    } finally {
      await Promise.all([sender.stop(), contribution.stop()]);
    }
  }, 40_000);
});

function silent(): string {
  const path = join(scratch, 'silent.mp4');
  ffmpeg('-i', join(media, 'bunny.mp4'), '-c:v', 'copy', '-af', 'volume=0', path);
  return path;
}

/** A programme that does not repeat itself. */
function once(file: string): Source {
  return { input: ['-re', '-i', file], map: ['-map', '0:v', '-map', '0:a'], codec: ['-c', 'copy'] };
}
