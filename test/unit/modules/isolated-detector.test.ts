import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { FrameStore } from '../../../monitor/converter/frame-store.ts';
import type { Judgement } from '../../../monitor/detectors/contract.ts';
import { CustomModules } from '../../../monitor/modules/custom-modules.ts';
import type { RunningDetector } from '../../../monitor/watch/running-detector.ts';
import { StreamAnalysis } from '../../../monitor/watch/stream-analysis.ts';
import type { WatchEvent } from '../../../monitor/watch/watch-event.ts';
import { moduleText, writeModule } from '../../modules/faulty-modules.ts';
import { epoch } from '../detectors/observations.ts';

const directory = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

async function loaded(name: string, text: string) {
  writeModule(directory, name, text);
  const modules = new CustomModules({ directory, logger: pino({ level: 'silent' }) });
  onTestFinished(() => modules.close());
  await modules.use([name]);
  return modules.select([{ name, module: name, minDuration: '0s' }])[0]!;
}

/** Frames of one level each, into a detector of a live stream. */
function feeder(detector: RunningDetector, size = { width: 64, height: 36 }) {
  const store = new FrameStore(size.width, size.height, true);
  return (time: number, level: number) => {
    store.target().fill(level);
    const { reduced, statistics, native, kernels } = store.take(time);
    return detector.step({ type: 'frame', time, reduced, statistics, kernels, native: native! });
  };
}

it('gives the full-size plane of the frame before within an epoch, and no other', async () => {
  const step = `
    const { current, previous } = observation.native;
    return [{ time: observation.time, kind: 'dark', score: (previous ? previous.data[5] : 0) / 255, area: current.data[5] / 255 }];`;
  const active = await loaded('native', moduleText({ step }).replace("'reduced'", "'native'"));
  const detector = active.definition.create(active.settings.parameters, active.settings);
  const feed = feeder(detector);
  detector.step(epoch());
  for (const [index, level] of [51, 102, 153].entries()) feed(index, level);
  detector.step(epoch({ time: 3 }));
  feed(3, 204);
  await detector.isolation!.settled(0);
  const judgements = detector.isolation!.take() as Judgement[];
  expect(judgements.map(({ score, area }) => [score, area])).toEqual([
    [0, 0.2],
    [0.2, 0.4],
    [0.4, 0.6],
    [0, 0.8],
  ]);
  detector.isolation!.close();
});

it('drops what a slow module of a live stream cannot take, at once, and nothing of a finite source', async () => {
  const step = 'const until = performance.now() + 15; while (performance.now() < until); return [];';
  const active = await loaded('slow', moduleText({ step }));
  const begin = (live: boolean) => {
    const detector = active.definition.create(active.settings.parameters, active.settings);
    detector.isolation!.beginSession(live);
    detector.step(epoch());
    const feed = feeder(detector);
    const started = performance.now();
    for (let frame = 0; frame < 50; frame++) feed(frame, 100);
    return { detector, milliseconds: performance.now() - started };
  };
  const live = begin(true);
  expect(live.milliseconds).toBeLessThan(300);
  // Of 50 frames a second apart, those within ten seconds of the oldest unanswered one.
  expect(live.detector.isolation!.takeDropped()).toBeGreaterThan(30);
  expect(live.detector.isolation!.takeDropped()).toBe(0);
  live.detector.isolation!.close();
  const finite = begin(false);
  expect(finite.detector.isolation!.takeDropped()).toBe(0);
  finite.detector.isolation!.close();
});

it('lets its incident end, says why it cannot tell, and goes on when its module is started again', async () => {
  const step = `
    const { time } = observation;
    if (time > 2 && time < 2.5) throw new Error('a bad frame');
    return [{ time, kind: 'dark', score: 1 }];`;
  const active = await loaded('fragile', moduleText({ step }));
  const events: WatchEvent[] = [];
  let now = 0;
  const analysis = new StreamAnalysis({
    identity: { namespace: 'live', monitor: 'sports', stream: 'one' },
    detectors: [active],
    pictures: false,
    clock: { origin: 0, now: () => now },
    newId: () => 'id',
    emit: (event) => events.push(event),
  });
  onTestFinished(() => analysis.close());
  const store = new FrameStore(320, 180, false);
  analysis.beginSession({ live: false, transportSeen: false, expectedGap: 2 });
  analysis.media({ start: 0 }, { video: true, audio: false });
  const play = async (from: number, to: number) => {
    for (let pts = from; pts < to; pts += 0.1) {
      now = pts * 1000;
      store.target().fill(20);
      analysis.frame(store.take(pts));
      await analysis.pace();
    }
  };
  await play(0, 3);
  await expect
    .poll(() => {
      analysis.frame(store.take(3));
      return events.some(({ type }) => type === 'detector-failed');
    })
    .toBe(true);
  const unknown = () => events.findLast((event) => event.type === 'unknown');
  expect(unknown()).toMatchObject({
    detector: 'fragile',
    reason: 'module fragile failed: step threw: a bad frame; it is started again in 1 s',
  });
  const incident = () => events.findLast((event) => event.type === 'incident')?.incident;
  expect(incident()).toMatchObject({ detector: 'fragile', state: 'open' });
  await play(3, 9);
  expect(incident()).toMatchObject({ state: 'closed' });

  let time = 9;
  await expect
    .poll(
      async () => {
        await play(time, time + 0.5);
        time += 0.5;
        return unknown();
      },
      { timeout: 10_000, interval: 100 },
    )
    .not.toHaveProperty('reason');
});
