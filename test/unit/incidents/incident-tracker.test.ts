import { describe, expect, it } from 'vitest';
import type { CommonDetectorSettings, DetectorManifest } from '../../../crds/detector-manifest.ts';
import { IncidentTracker } from '../../../monitor/incidents/incident-tracker.ts';

const manifest: DetectorManifest = {
  type: 'freeze',
  title: '',
  description: '',
  kinds: { full: { description: '' }, jump: { description: '', severity: 'warning', minDuration: '0s' } },
  needs: ['reduced'],
  cost: { fixed: 1, perMegapixel: 0 },
  defaults: { enabled: true, severity: 'critical', minDuration: '2s' },
  thresholds: { enter: 0.5, exit: 0.4 },
  parameters: {},
};

function tracker(settings: Partial<CommonDetectorSettings> = {}) {
  let ids = 0;
  return new IncidentTracker(
    {
      namespace: 'live',
      monitor: 'sports',
      stream: 'one',
      newId: () => `id-${++ids}`,
      wallTime: (time) => new Date(time * 1000).toISOString(),
      now: () => '2026-01-01T00:00:00.000Z',
    },
    [
      {
        manifest,
        settings: { enabled: true, severity: 'critical', minDuration: 2, mergeGap: 5, ...settings },
      },
    ],
  );
}

/** Judges `score` at every 0.1 s of [from, to) and lets time go on. */
function hold(subject: IncidentTracker, score: number, from: number, to: number) {
  const changes = [];
  for (let step = Math.round(from * 10); step < Math.round(to * 10); step++) {
    changes.push(
      ...subject.judge('freeze', { time: step / 10, kind: 'full', score }),
      ...subject.advance(step / 10),
    );
  }
  return changes;
}

describe('IncidentTracker', () => {
  it('opens once the minimum duration has passed, dated to the onset', () => {
    const subject = tracker();
    expect(hold(subject, 1, 1, 2.9)).toEqual([]);
    const [change] = hold(subject, 1, 2.9, 3.1);
    expect(change).toMatchObject({
      change: 'opened',
      incident: { id: 'id-1', start: 1, state: 'open', revision: 1 },
    });
  });

  it('opens nothing for a defect shorter than the minimum duration', () => {
    const subject = tracker();
    expect([...hold(subject, 1, 0, 1.9), ...hold(subject, 0, 1.9, 20)]).toEqual([]);
  });

  it('keeps an open incident while the score stays between exit and enter', () => {
    const subject = tracker();
    hold(subject, 1, 0, 3);
    expect(hold(subject, 0.45, 3, 30)).toEqual([]);
    expect(subject.open).toHaveLength(1);
  });

  it('holds the close for the merge gap and dates it to the recovery', () => {
    const subject = tracker();
    hold(subject, 1, 0, 4);
    expect(hold(subject, 0, 4, 9)).toEqual([]);
    const [change] = hold(subject, 0, 9, 10);
    expect(change).toMatchObject({
      change: 'closed',
      incident: { id: 'id-1', end: 4, revision: 2, closeReason: 'recovered', state: 'closed' },
    });
    expect(subject.open).toEqual([]);
  });

  it('makes one incident of a defect that comes back within the merge gap, and two beyond it', () => {
    const merged = tracker();
    hold(merged, 1, 0, 4);
    hold(merged, 0, 4, 8);
    expect([...hold(merged, 1, 8, 12), ...hold(merged, 0, 12, 18)].map(({ change }) => change)).toEqual([
      'closed',
    ]);

    const apart = tracker();
    hold(apart, 1, 0, 4);
    hold(apart, 0, 4, 10);
    const changes = [...hold(apart, 1, 10, 14), ...hold(apart, 0, 14, 20)];
    expect(changes.map(({ change, incident }) => [change, incident.id])).toEqual([
      ['opened', 'id-2'],
      ['closed', 'id-2'],
    ]);
  });

  it('does not let a blip prolong an incident', () => {
    const subject = tracker();
    hold(subject, 1, 0, 4);
    hold(subject, 0, 4, 6);
    hold(subject, 1, 6, 6.5);
    const changes = hold(subject, 0, 6.5, 20);
    expect(changes).toMatchObject([{ change: 'closed', incident: { end: 4 } }]);
  });

  it('says a rise in severity, and nothing else, as an update', () => {
    const subject = tracker();
    subject.judge('freeze', { time: 0, kind: 'jump', score: 1 });
    expect(subject.judge('freeze', { time: 1, kind: 'jump', score: 1, area: 0.5 })).toEqual([]);
    expect(subject.judge('freeze', { time: 2, kind: 'jump', score: 1, severity: 'critical' })).toMatchObject([
      { change: 'updated', incident: { severity: 'critical', revision: 2, area: 0.5 } },
    ]);
  });

  it('lets the user’s severity win over the kind’s and the judgement’s', () => {
    const [change] = tracker({ severity: 'info' }).judge('freeze', {
      time: 0,
      kind: 'jump',
      score: 1,
      severity: 'critical',
    });
    expect(change!.incident.severity).toBe('info');
    // That of a stream also where it is the detector's default.
    const [own] = tracker({ severityHolds: true }).judge('freeze', { time: 2, kind: 'jump', score: 1 });
    expect(own!.incident.severity).toBe('critical');
  });

  it('tells channels apart', () => {
    const subject = tracker();
    const left = subject.judge('freeze', { time: 0, kind: 'jump', score: 1, channel: 'FL' });
    const right = subject.judge('freeze', { time: 0, kind: 'jump', score: 1, channel: 'FR' });
    expect([...left, ...right].map(({ incident }) => incident.channel)).toEqual(['FL', 'FR']);
  });

  it('closes everything at the end of the stream', () => {
    const subject = tracker();
    hold(subject, 1, 0, 4);
    expect(subject.finish(4, 'stream-ended')).toMatchObject([
      { change: 'closed', incident: { end: 4, closeReason: 'stream-ended' } },
    ]);
  });

  it('ends a defect at an epoch unless it shows again', () => {
    const subject = tracker();
    hold(subject, 1, 0, 4);
    subject.interrupt(4);
    expect(hold(subject, 0, 4.1, 10)).toMatchObject([{ change: 'closed', incident: { end: 4 } }]);
  });

  it('adopts an incident under its id and closes it with the next revision', () => {
    const before = tracker();
    hold(before, 1, 0, 4);
    const after = tracker();
    expect(after.adopt(before.open, 6)).toMatchObject([
      { change: 'opened', incident: { id: 'id-1', revision: 1 } },
    ]);
    expect(hold(after, 0, 6, 12)).toMatchObject([
      { change: 'closed', incident: { id: 'id-1', end: 6, revision: 2 } },
    ]);
  });

  it('counts defect seconds from the onset, once, and not in the gap', () => {
    const subject = tracker();
    hold(subject, 1, 0, 4);
    hold(subject, 0, 4, 20);
    const [counted] = subject.takeDefectSeconds();
    expect(counted).toMatchObject({ detector: 'freeze', severity: 'critical' });
    expect(counted!.seconds).toBeCloseTo(4, 0);
    expect(subject.takeDefectSeconds()).toEqual([]);
  });

  it('refuses a kind that the manifest does not have', () => {
    expect(() => tracker().judge('freeze', { time: 0, kind: 'other', score: 1 })).toThrow(
      /unknown kind "other"/,
    );
  });

  it('counts a defect that comes back from when it came back', () => {
    const subject = tracker();
    hold(subject, 1, 0, 4);
    hold(subject, 0, 4, 6);
    subject.takeDefectSeconds();
    hold(subject, 1, 6, 10);
    expect(subject.takeDefectSeconds()).toMatchObject([{ seconds: expect.closeTo(3.9, 1) }]);
  });

  it('closes an incident whose return a detector can no longer confirm', () => {
    const subject = tracker();
    hold(subject, 1, 0, 4);
    hold(subject, 0, 4, 6);
    hold(subject, 1, 6, 7);
    expect(subject.advance(12)).toEqual([]);
    expect(subject.advance(14)).toMatchObject([{ change: 'closed', incident: { end: 4 } }]);
  });

  it('closes what was watched too long ago where its watching ended, never before its start', () => {
    const subject = tracker();
    hold(subject, 1, 10, 13);
    const [open] = subject.open;
    expect(tracker().abandon([open!], 12)).toMatchObject([
      { change: 'closed', incident: { id: 'id-1', end: 12, revision: 2, closeReason: 'watch-stopped' } },
    ]);
    expect(tracker().abandon([open!], 3)).toMatchObject([{ incident: { start: 10, end: 10 } }]);
  });

  it('waits for an incident from another shard, and closes it where that one stopped watching', () => {
    const before = tracker();
    hold(before, 1, 0, 4);
    const after = tracker();
    after.adopt(before.open, 8, { endedAt: 5, patience: 15, closeReason: 'watch-stopped' });
    expect(hold(after, 0, 8, 28)).toEqual([]);
    expect(hold(after, 0, 28, 29)).toMatchObject([
      { change: 'closed', incident: { id: 'id-1', end: 5, closeReason: 'watch-stopped' } },
    ]);
  });

  it('goes on with an incident from another shard that shows itself late', () => {
    const before = tracker();
    hold(before, 1, 0, 4);
    const after = tracker();
    after.adopt(before.open, 8, { endedAt: 5, patience: 15 });
    // The source took long to open.
    after.interrupt(60);
    expect([...hold(after, 0, 60, 70), ...hold(after, 1, 70, 80)]).toEqual([]);
    expect(after.open).toMatchObject([{ id: 'id-1', start: 0 }]);
    // Having shown itself, it closes as any other.
    expect(hold(after, 0, 80, 86)).toMatchObject([
      { change: 'closed', incident: { end: 80, closeReason: 'recovered' } },
    ]);
  });

  it('goes on with an incident as what another told of it', () => {
    const subject = tracker();
    hold(subject, 1, 0, 4);
    subject.goOnAs('id-1', { ...subject.open[0]!, id: 'told', revision: 7, start: -3 });
    expect(subject.defects).toMatchObject([{ incident: { id: 'told' } }]);
    expect(hold(subject, 0, 4, 10)).toMatchObject([
      { change: 'closed', incident: { id: 'told', revision: 8, start: -3, end: 4 } },
    ]);
  });
});
