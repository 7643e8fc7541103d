import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { eventually, RunProcess } from './run-process.ts';
import { startHttpTs } from './senders.ts';
import { stateDirectory } from './state-directory.ts';

const executable = fileURLToPath(new URL('../../bin/streammonitor', import.meta.url));

let directory: string;
let picture: string;
/** Programme with a tone for 8 s, the slate for 14 s and programme again for 30 s, both of them silent. */
let recording: string;
const [slateFrom, slateTo] = [8, 22];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'streammonitor-slates-'));
  picture = join(directory, 'soon.png');
  recording = join(directory, 'recording.ts');
  const boxes = [
    'drawbox=x=150:y=120:w=420:h=90:color=white:t=fill',
    'drawbox=x=700:y=300:w=380:h=240:color=orange:t=fill',
    'drawbox=x=220:y=420:w=160:h=160:color=teal:t=fill',
  ];
  ffmpeg('-f', 'lavfi', '-i', 'color=c=0x102040:s=1280x720', '-vf', boxes.join(), '-frames:v', '1', picture);
  ffmpeg(
    ...['-f', 'lavfi', '-i', `testsrc2=s=640x360:r=25:d=52`],
    ...['-loop', '1', '-framerate', '25', '-t', '52', '-i', picture],
    ...[
      '-f',
      'lavfi',
      '-i',
      `sine=frequency=440:sample_rate=48000:d=52,volume='lt(t,${slateFrom})':eval=frame`,
    ],
    ...[
      '-filter_complex',
      `[1]scale=640:360[s];[0][s]overlay=enable='between(t,${slateFrom},${slateTo})'[v]`,
    ],
    ...['-map', '[v]', '-map', '2', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '38', '-g', '50'],
    ...['-pix_fmt', 'yuv420p', '-c:a', 'aac', recording],
  );
}, 60_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function ffmpeg(...args: string[]): void {
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...args]);
}

function slate(...args: string[]): Promise<{ code: number; output: string; errors: string }> {
  return new Promise((resolve) => {
    const child = execFile(executable, ['slate', ...args], (_, output, errors) => {
      resolve({ code: child.exitCode!, output: output.trim(), errors: errors.trim() });
    });
  });
}

describe('streammonitor slate', () => {
  it('prints nearly the same for a picture, for a moment of a recording of it, and for a stream', async () => {
    const { code, output, errors } = await slate(picture);
    expect([code, errors]).toEqual([0, '']);
    expect(output).toMatch(/^[0-9a-f]{64}$/);
    const distance = async (...args: string[]) => {
      const other = await slate(...args);
      expect([other.code, other.errors]).toEqual([0, '']);
      return bits(BigInt(`0x${output}`) ^ BigInt(`0x${other.output}`));
    };
    expect(await distance('--at', '15s', recording)).toBeLessThanOrEqual(10);
    expect(await distance('--at', '3s', recording)).toBeGreaterThan(60);
    const sender = await startHttpTs({ source: looped(picture) });
    onTestFinished(() => sender.stop());
    expect(await distance('--at', '1s', sender.url)).toBeLessThanOrEqual(10);
  });

  it('tells how good the hash is', async () => {
    const { output } = await slate('--json', picture);
    expect(JSON.parse(output)).toEqual({ hash: expect.any(String), quality: expect.any(Number) });
  });

  it('says what it cannot do', async () => {
    const plain = join(directory, 'plain.png');
    ffmpeg('-f', 'lavfi', '-i', 'color=c=black:s=640x360', '-frames:v', '1', plain);
    const notes = join(directory, 'notes.txt');
    writeFileSync(notes, 'no picture');
    for (const [args, code, told] of [
      [[plain], 1, 'too plain to be known again'],
      [['--at', '60s', recording], 2, 'the source ends after 5'],
      [[join(directory, 'none.png')], 2, 'there is no file'],
      [[notes], 2, 'could be decoded'],
      [['--at', 'soon', picture], 2, 'is not a duration; write it like 45ms, 2s or 1m30s'],
      [['http://127.0.0.1:9/live.ts'], 2, 'the host refuses the connection'],
    ] as const) {
      const result = await slate(...args);
      expect([result.code, result.output], args.join(' ')).toEqual([code, '']);
      expect(result.errors).toContain(told);
    }
  });
});

it('a known slate may stand still and be silent; silence that outlasts it alarms', async () => {
  const { output: hash } = await slate(picture);
  const { state, secrets } = stateDirectory();
  const file = join(directory, 'live.yaml');
  const sender = await startHttpTs({
    source: { input: ['-re', '-i', recording], map: ['-map', '0'], codec: ['-c', 'copy'] },
  });
  onTestFinished(() => sender.stop());
  const streams = [{ name: 'channel', url: sender.url, expect: { slates: [{ name: 'soon', hash }] } }];
  writeFileSync(
    file,
    stringify({
      ...{ apiVersion: 'streammonitor.dev/v1alpha1', kind: 'StreamMonitor', metadata: { name: 'sports' } },
      spec: { streams },
    }),
  );
  const run = new RunProcess(['-f', file, '--listen', '127.0.0.1:0', '--state', state, '--secrets', secrets]);
  const of = async (type: string) =>
    ((await run.stream('channel'))?.incidents ?? []).filter(({ detector }) => detector === type);
  const alarm = await eventually('alarm', async () =>
    (await of('silence')).find(({ suppressed }) => suppressed === undefined),
  );
  const [silence] = (await of('silence')).filter(({ suppressed }) => suppressed !== undefined);
  expect(silence).toMatchObject({ state: 'closed', suppressed: 'slate', slate: 'soon', end: alarm.start });
  expect(alarm).toMatchObject({ state: 'open', outlasts: silence!.id });
  expect(alarm).not.toHaveProperty('slate');
  expect(Math.abs(alarm.start - silence!.start - (slateTo - slateFrom))).toBeLessThan(0.7);
  await eventually('the end of the freeze', async () => (await of('freeze'))[0]?.state === 'closed');
  expect(await of('freeze')).toMatchObject([{ suppressed: 'slate', slate: 'soon' }]);
  const seconds = (await run.metrics()).sum('suppressed_seconds_total', {
    stream: 'channel',
    reason: 'slate',
  });
  expect(Math.abs(seconds! - (slateTo - slateFrom))).toBeLessThan(1.5);
});

/** A picture that stands still, encoded as it goes. */
function looped(file: string) {
  return {
    input: ['-re', '-loop', '1', '-framerate', '25', '-i', file],
    map: ['-map', '0:v', '-vf', 'scale=640:360'],
    codec: [
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-tune',
      'zerolatency',
      '-pix_fmt',
      'yuv420p',
      '-g',
      '25',
    ],
  };
}

function bits(value: bigint): number {
  return [...value.toString(2)].filter((digit) => digit === '1').length;
}
