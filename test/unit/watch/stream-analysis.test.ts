import { beforeAll, describe, expect, it } from 'vitest';
import type { ExpectSettings } from '../../../crds/assignment.ts';
import { resolveDetectors } from '../../../crds/detector-settings.ts';
import type { Incident } from '../../../crds/incident.ts';
import { FrameStore } from '../../../monitor/converter/frame-store.ts';
import { defineDetector, type Observation } from '../../../monitor/detectors/contract.ts';
import { type ActiveDetector, selectDetectors } from '../../../monitor/watch/detector-selection.ts';
import { StreamAnalysis } from '../../../monitor/watch/stream-analysis.ts';
import type { WatchEvent } from '../../../monitor/watch/watch-event.ts';

const origin = Date.UTC(2026, 0, 1);
const rate = 25;
const ptsWrap = 2 ** 33 / 90_000;
let stall: ActiveDetector;

beforeAll(async () => {
  [stall] = (await selectDetectors(resolveDetectors())).filter(
    ({ definition }) => definition.manifest.type === 'stall',
  ) as [ActiveDetector];
});

/** Notes what it is given and judges nothing. */
function recorder(observations: Observation[]): ActiveDetector {
  const definition = defineDetector({
    manifest: { ...stall.definition.manifest, type: 'recorder', parameters: {} },
    create: () => ({
      step: (observation) => {
        if (observation.type !== 'frame') observations.push(observation);
        return [];
      },
    }),
  });
  return { definition, settings: { ...stall.settings, parameters: {} } };
}

/** An analysis under a wall clock that the test moves, and a sender of moving pictures. */
function watched({
  live = true,
  start = 0,
  expect,
}: {
  live?: boolean;
  start?: number;
  expect?: ExpectSettings;
} = {}) {
  let wall = 0;
  let ids = 0;
  const observations: Observation[] = [];
  const events: WatchEvent[] = [];
  const analysis = new StreamAnalysis({
    identity: { namespace: 'live', monitor: 'sports', stream: 'one' },
    detectors: [stall, recorder(observations)],
    ...(expect && { expect }),
    pictures: false,
    clock: { origin, now: () => origin + wall * 1000 },
    newId: () => `id-${++ids}`,
    emit: (event) => events.push(event),
  });
  const store = new FrameStore(320, 180, false);
  let ticked = 0;
  const subject = {
    analysis,
    events,
    /** Wall time goes on to `seconds`, and the clock ticks. `waits`: more has come, and is not decoded yet. */
    until: (seconds: number, waits = false) => {
      for (; ticked + 0.5 <= seconds; ticked += 0.5) {
        wall = ticked + 0.5;
        analysis.tick(waits);
      }
      wall = seconds;
    },
    begin: (from = start) => {
      analysis.beginSession({ live, transportSeen: true, expectedGap: 2 });
      analysis.media(
        { start: from, video: { codec: 'h264', width: 320, height: 180, frameRate: rate } },
        {
          video: true,
          audio: false,
        },
      );
    },
    frame: (pts: number) => {
      store.target().fill(Math.round(pts * rate) % 200);
      analysis.frame(store.take(pts));
    },
    /** Frames from `from` to `to`, each when it is due. */
    play: (from: number, to: number, delay = 0) => {
      for (let frame = Math.round(from * rate); frame < to * rate; frame++) {
        subject.until(frame / rate + delay);
        subject.frame(frame / rate);
      }
    },
    evidence: () => observations.filter(({ type }) => type === 'evidence'),
    incidents: (kind: string): Incident[] =>
      events.flatMap((event) =>
        event.type === 'incident' && event.incident.kind === kind ? [event.incident] : [],
      ),
  };
  return subject;
}

function wallSeconds(time: string | undefined): number {
  return (Date.parse(time!) - origin) / 1000;
}

describe('StreamAnalysis', () => {
  it('places transport evidence on the frames that it is about, also before they come', () => {
    const subject = watched();
    subject.begin(100);
    subject.analysis.evidence({ evidence: 'continuity-gap', track: 'video', pts: 101.5, count: 2 });
    expect(subject.evidence()).toEqual([]);
    subject.frame(0);
    expect(subject.evidence()).toEqual([
      { type: 'evidence', time: expect.closeTo(1.5), evidence: 'continuity-gap', track: 'video', count: 2 },
    ]);
  });

  it('keeps what the ingress saw between two sessions for the one that follows', () => {
    const subject = watched();
    subject.begin(100);
    subject.play(0, 3);
    subject.analysis.endSession();
    subject.analysis.evidence({ evidence: 'continuity-gap', track: 'video', pts: 7000.5 });
    subject.begin(7000);
    subject.until(4);
    subject.frame(0);
    expect(subject.evidence()).toMatchObject([{ time: expect.closeTo(4.5) }]);
  });

  it('follows timestamps over their wrap, whatever the decoder makes of them', () => {
    for (const start of [ptsWrap - 1, -1]) {
      const subject = watched();
      subject.begin(start);
      subject.play(0, 3);
      subject.analysis.evidence({ evidence: 'transport-error', track: 'video', pts: ptsWrap - 0.5 });
      subject.analysis.evidence({ evidence: 'transport-error', track: 'video', pts: 2 });
      expect(subject.evidence()).toMatchObject([{ time: expect.closeTo(0.5) }, { time: expect.closeTo(3) }]);
    }
  });

  it('finds a place for new evidence although a thousand before have none', () => {
    const subject = watched();
    subject.begin(100);
    subject.frame(0);
    for (let index = 0; index < 1500; index++) {
      subject.analysis.evidence({ evidence: 'random-access', track: 'video', pts: 5000 });
    }
    subject.analysis.evidence({ evidence: 'continuity-gap', track: 'video', pts: 111 });
    subject.play(0, 5);
    expect(subject.evidence()).toMatchObject([{ evidence: 'continuity-gap', time: expect.closeTo(11) }]);
  });

  it('counts an outage once where the sender went on: a stall, and no skip', () => {
    const subject = watched();
    subject.begin();
    subject.play(0, 10);
    subject.until(15);
    subject.play(15, 25);
    const [opened, closed] = subject.incidents('no-frames');
    expect(opened).toMatchObject({ state: 'open', start: expect.closeTo(10, 0) });
    expect(closed).toMatchObject({ state: 'closed', end: expect.closeTo(15, 0) });
    expect(subject.incidents('timestamp-jump')).toEqual([]);
    expect(subject.analysis.time).toBeCloseTo(25, 0);
  });

  it('takes a pause of its own decoder for no stall of the source', () => {
    const subject = watched();
    subject.begin();
    subject.play(0, 10);
    subject.until(20, true);
    expect(subject.incidents('no-frames')).toEqual([]);
    expect(subject.analysis.time).toBeCloseTo(10, 0);
    subject.until(25);
    expect(subject.incidents('no-frames')).toHaveLength(1);
  });

  it('dates a stall by the wall clock, also when what was missed comes at once', () => {
    const subject = watched();
    subject.begin();
    for (let frame = 0; frame < 12 * rate; frame++) subject.frame(frame / rate);
    subject.play(12, 20, -12);
    subject.until(28);
    for (let frame = 20 * rate; frame < 40 * rate; frame++) subject.frame(frame / rate);
    subject.play(40, 50, -12);
    const closed = subject.incidents('no-frames').at(-1)!;
    expect(closed.state).toBe('closed');
    expect(wallSeconds(closed.startTime)).toBeCloseTo(8, 0);
    expect(wallSeconds(closed.endTime)).toBeCloseTo(28, 0);
  });

  it('goes on with incidents of a moment ago and closes those of another day where their watching ended', () => {
    const subject = watched();
    subject.begin();
    subject.play(0, 4);
    subject.until(10);
    const [left] = subject.analysis.openIncidents;
    for (const [away, end] of [
      [30, 40],
      [259_200, 10],
    ] as const) {
      const events: WatchEvent[] = [];
      const analysis = new StreamAnalysis({
        identity: { namespace: 'live', monitor: 'sports', stream: 'one' },
        detectors: [stall],
        pictures: false,
        clock: { origin, now: () => origin + (10 + away) * 1000 },
        newId: () => 'another',
        emit: (event) => events.push(event),
      });
      analysis.adopt([left!], 10);
      analysis.finish('watch-stopped');
      expect(events.at(-1)).toMatchObject({ change: 'closed', incident: { id: 'id-1', end } });
    }
  });

  it('takes as expected what the schedule says, by the wall clock at which media were live', () => {
    // The stall of a source that begins at midnight UTC, and is off the air from one minute past on.
    const window = { cron: '1 0 * * *', duration: 20, timeZone: 'UTC', detectors: ['stall'] };
    const subject = watched({ expect: { static: [window] } });
    subject.begin();
    subject.play(0, 65);
    subject.until(100);
    const told = subject.incidents('no-frames').map(({ state, suppressed, startTime, endTime }) => ({
      ...{ state, suppressed, start: wallSeconds(startTime), end: endTime && wallSeconds(endTime) },
    }));
    expect(told).toEqual([
      { state: 'open', suppressed: 'schedule', start: expect.closeTo(65, 0), end: undefined },
      { state: 'closed', suppressed: 'schedule', start: expect.closeTo(65, 0), end: expect.closeTo(80, 0) },
      { state: 'open', suppressed: undefined, start: expect.closeTo(80, 0), end: undefined },
    ]);
    const { suppressed, defects } = subject.analysis.takeCounts();
    expect(suppressed.schedule).toBeCloseTo(15, 0);
    expect(defects).toMatchObject([{ detector: 'stall', seconds: expect.closeTo(20, 0) }]);
  });

  describe('announced breaks', () => {
    const breaks = { maxDuration: 600, margin: 0, detectors: ['stall'] };
    const options = { expect: { static: [], breaks } };
    const toldOf = (subject: ReturnType<typeof watched>) =>
      subject
        .incidents('no-frames')
        .map(({ state, suppressed, start, end }) => ({ state, suppressed, start, end }));

    it('lie where the PTS are that they count from, also when they are told before these come', () => {
      const subject = watched({ ...options, start: 100 });
      subject.begin(100);
      subject.analysis.cue({ cue: 'out', event: 'insert/1', duration: 20, pts: 105, after: 5 });
      subject.play(0, 12);
      subject.until(40);
      expect(toldOf(subject)).toEqual([
        { state: 'open', suppressed: 'break', start: expect.closeTo(12, 0) },
        { state: 'closed', suppressed: 'break', start: expect.closeTo(12, 0), end: expect.closeTo(30, 0) },
        { state: 'open', suppressed: undefined, start: expect.closeTo(30, 0) },
      ]);
    });

    it('count over the wrap of the PTS', () => {
      const subject = watched(options);
      subject.begin(ptsWrap - 5);
      subject.play(0, 6);
      subject.analysis.cue({ cue: 'out', event: 'insert/1', duration: 20, pts: 1, after: 2 });
      subject.play(6, 10);
      subject.until(20);
      expect(toldOf(subject)).toMatchObject([{ suppressed: 'break', start: expect.closeTo(10, 0) }]);
    });

    it('go on over a discontinuity, and end on the timestamps after it', () => {
      const subject = watched(options);
      subject.begin(100);
      subject.analysis.cue({ cue: 'out', event: 'cue-out/1', pts: 102, after: 0 });
      subject.play(0, 5);
      subject.analysis.endSession();
      subject.analysis.cue({ cue: 'in', event: 'cue-out', pts: 7005, after: 0 });
      subject.begin(7000);
      for (let frame = 0; frame < 12 * rate; frame++) {
        subject.until(5 + frame / rate);
        // Pictures stop from 7 s on: before the break ends at 10 s on the timeline, and long after.
        if (frame < 2 * rate) subject.frame(frame / rate);
      }
      expect(toldOf(subject)).toMatchObject([
        { state: 'open', suppressed: 'break', start: expect.closeTo(7, 0) },
        { state: 'closed', suppressed: 'break', end: expect.closeTo(10, 1) },
        { state: 'open', suppressed: undefined, start: expect.closeTo(10, 1) },
      ]);
    });

    it('change nothing without the setting', () => {
      const subject = watched();
      subject.begin(100);
      subject.analysis.cue({ cue: 'out', event: 'insert/1', pts: 100, after: 0 });
      subject.play(0, 5);
      subject.until(10);
      expect(toldOf(subject)).toMatchObject([{ suppressed: undefined }]);
    });
  });
});
