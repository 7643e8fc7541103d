import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { faultySteps, moduleText, writeModule } from '../modules/faulty-modules.ts';
import { probe } from './probe-runner.ts';
import { eventually, RunProcess } from './run-process.ts';
import { type Sender, startHttpTs } from './senders.ts';

const root = join(import.meta.dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
const modules = join(scratch, 'modules');
afterAll(() => rmSync(scratch, { recursive: true }));

beforeAll(() => {
  cpSync(join(root, 'examples/logo-detector'), join(modules, 'logo-detector'), { recursive: true });
  for (const [name, step] of Object.entries(faultySteps)) writeModule(modules, name, moduleText({ step }));
  writeModule(modules, 'dark', moduleText());
  writeModule(
    modules,
    'slow',
    moduleText({
      step: 'const until = performance.now() + 400; while (performance.now() < until); return [];',
    }),
  );
});

function filtered(name: string, video: string): string {
  const path = join(scratch, name);
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-y', '-i', join(root, 'test/media/road.mp4'), '-vf', video],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-b:v', '900k', '-g', '48', '-c:a', 'copy', path],
  ]);
  return path;
}

const custom = (entry: object) => ['--custom', JSON.stringify(entry)];
const about = (seconds: number) => expect.closeTo(seconds, 0);

describe('probe', () => {
  test('finds with the module of the example that a logo is missing', async () => {
    const box = (inset: number) =>
      `drawbox=x=iw*0.82+${inset}:y=ih*0.06+${inset}:w=60-2*${inset}:h=40-2*${inset}:color=white:t=6:enable='not(between(t,9,14))'`;
    const target = filtered('logo.ts', `${box(0)},${box(12)}`);
    const entry = { name: 'logo', module: 'logo-detector', parameters: { learn: '5s' } };
    const { incidents, summary, code } = await probe(target, '--modules', modules, ...custom(entry));
    expect(incidents).toEqual([
      expect.objectContaining({ detector: 'logo', kind: 'missing', start: about(9), end: about(14) }),
    ]);
    expect(summary.unknown).not.toHaveProperty('logo');
    expect(code).toBe(1);
  });

  test('stops and names modules that misbehave, each for its reason, while all others find what is there', async () => {
    const target = filtered('black.ts', "drawbox=t=fill:color=black:enable='between(t,4,9)'");
    const names = Object.keys(faultySteps);
    const { incidents, summary, errors } = await probe(
      target,
      ...['--modules', modules, ...names.flatMap((name) => custom({ name, module: name }))],
      ...custom({ name: 'dark-picture', module: 'dark', severity: 'info' }),
    );
    expect(incidents).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ detector: 'black', start: about(4), end: about(9) }),
        expect.objectContaining({
          ...{ detector: 'dark-picture', kind: 'dark', severity: 'info' },
          ...{ start: about(4), end: about(9) },
        }),
      ]),
    );
    expect(incidents).toHaveLength(2);
    expect(summary.frames).toBeGreaterThan(350);
    expect(summary.unknown).toMatchObject({
      throws: expect.stringMatching(
        /^module throws failed: step threw: it cannot go on; it is started again/,
      ),
      rubbish: expect.stringContaining('judgement 0: score must be at most 1'),
      'unknown-kind': expect.stringContaining('judgement 0: kind must be dark'),
      nothing: expect.stringContaining('step returned undefined, not a list of judgements'),
    });
    // These take a while to fail, and may just have been started again when the file ends.
    for (const [module, message] of [
      ['loops', 'a step took more than 3 s'],
      ['leaks', 'it used more than 64 MiB of heap'],
      ['hoards', 'it holds more than 128 MiB outside of its heap'],
    ]) {
      expect(errors).toMatch(new RegExp(`"module":"${module}"[^\\n]*${message}`));
    }
  });

  test('names modules that cannot be loaded and parameters that are wrong', async () => {
    writeModule(modules, 'imports', moduleText({ imports: "import { readFileSync } from 'node:fs';" }));
    writeModule(modules, 'no-manifest', 'export default { create: () => ({ step: () => [] }) };');
    writeModule(modules, 'endless', `for (;;);${moduleText()}`);
    writeModule(modules, 'no-code', 'this is no program');
    const names = ['imports', 'no-manifest', 'endless', 'no-code', 'absent'];
    const { summary, code } = await probe(
      join(root, 'test/media/road.mp4'),
      ...['--modules', modules, ...names.flatMap((name) => custom({ name, module: name }))],
      ...custom({ name: 'settings', module: 'dark', parameters: { levle: 1, level: 300 } }),
    );
    expect(code).toBe(0);
    expect(summary.unknown).toMatchObject({
      imports: expect.stringContaining('it imports node:fs, but a detector does no I/O'),
      'no-manifest': expect.stringContaining('manifest must be an object'),
      endless: expect.stringContaining('still being imported'),
      'no-code': expect.stringMatching(/cannot be loaded: \S/),
      absent: expect.stringContaining('there is no absent/detector.mjs among the modules'),
      settings:
        'spec.detectors.custom, settings: parameters.level must be at most 255; parameters.levle is not a field; did you mean level?',
    });
  });

  test('refuses an entry that is wrong', async () => {
    const wrong = await probe('x.ts', '--modules', modules, ...custom({ name: 'freeze', modul: 'dark' }));
    expect(wrong.code).toBe(2);
    const { summary } = await probe(
      join(root, 'test/media/road.mp4'),
      ...custom({ name: 'freeze', modul: 'dark' }),
    );
    expect(summary.message).toContain('custom[0].name is the name of a built-in detector; choose another');
    expect(summary.message).toContain('custom[0].modul is not a field; did you mean module?');
  });
});

test('test-detector says whether a module keeps to the contract, and what it finds in media', () => {
  const streammonitor = (...args: string[]) =>
    spawnSync(join(root, 'bin/streammonitor'), ['test-detector', ...args], { encoding: 'utf8' });
  const clip = join(root, 'test/media/bunny.mp4');
  const fine = streammonitor(join(root, 'examples/logo-detector'), '--media', clip, '--json');
  expect(fine.status).toBe(0);
  expect(JSON.parse(fine.stdout)).toMatchObject({
    manifest: { title: 'Logo missing' },
    breaches: [],
    runs: [{ file: clip, seconds: expect.closeTo(16, 0), incidents: [], failures: [] }],
  });
  const leaking = streammonitor(join(modules, 'leaks'));
  expect(leaking.stdout).toContain('breach: module leaks failed: it used more than 64 MiB of heap');
  expect(leaking.status).toBe(1);
  const absent = streammonitor(join(modules, 'absent'));
  expect(absent).toMatchObject({ status: 2, stderr: `there is no file ${join(modules, 'absent')}\n` });
});

describe('run', () => {
  let sender: Sender;
  beforeAll(async () => {
    sender = await startHttpTs();
  });
  afterAll(() => sender.stop());

  test('goes on with the built-in detectors beside broken and slow modules, and takes up one that comes later', async () => {
    const file = join(scratch, 'live.yaml');
    const own = ['dark', 'throws', 'loops', 'slow', 'later'].map((name) => ({ name, module: name }));
    writeFileSync(
      file,
      stringify({
        apiVersion: 'streammonitor.dev/v1alpha1',
        kind: 'StreamMonitor',
        metadata: { name: 'sports' },
        spec: { streams: [{ name: 'a', url: sender.url }], detectors: { custom: own } },
      }),
    );
    const state = join(scratch, 'state');
    const run = new RunProcess([
      ...['-f', file, '--listen', '127.0.0.1:0', '--state', state, '--modules', modules],
    ]);
    const report = async () => (await run.reports())[0]?.streams[0];
    const unknown = async () => (await report())?.unknown ?? {};
    const failed = await eventually('all failures', async () => {
      const said = await unknown();
      return Boolean(said.throws && said.loops && said.later) && said;
    });
    expect(failed.throws).toMatch(
      /^module throws failed: step threw: it cannot go on; it is started again in \d+ s$/,
    );
    expect(failed.loops).toContain('a step took more than 3 s');
    expect(failed.later).toContain('there is no later/detector.mjs');
    expect(failed).not.toHaveProperty('dark');

    const dropped = await eventually('dropped frames', async () => {
      const metrics = await run.metrics();
      return (metrics.sum('detector_dropped_observations_total', { detector: 'slow' }) ?? 0) > 0 && metrics;
    });
    expect(dropped.sum('detector_dropped_observations_total', { detector: 'dark' })).toBe(0);
    const count = (detector: string, reason: string) =>
      dropped.sum('detector_failures_total', { detector, reason });
    expect(count('throws', 'threw')).toBeGreaterThan(0);
    expect(count('loops', 'blocked')).toBeGreaterThan(0);
    expect(count('later', 'load')).toBeGreaterThan(0);
    expect(count('dark', 'threw')).toBe(0);
    expect(dropped.sum('detector_unknown', { detector: 'freeze' })).toBe(0);

    writeModule(modules, 'later', moduleText());
    await eventually('the late module', async () => {
      const page = await run.stream('a');
      return page?.detectors.some(
        ({ type, title, score }) => type === 'later' && title === 'Dark' && score === 0,
      );
    });
    expect(await unknown()).not.toHaveProperty('later');
    expect((await report())?.phase).toBe('Up');
  });
});
