import { describe, expect, it } from 'vitest';
import type { Incident } from '../../../crds/incident.ts';
import {
  continuedAs,
  endedAs,
  type OwnIncident,
  planTakeOver,
} from '../../../monitor/incidents/hand-over.ts';

const zero = Date.UTC(2026, 0, 1);
const iso = (seconds: number) => new Date(zero + seconds * 1000).toISOString();

function incident(id: string, start: number, end?: number, more: Partial<Incident> = {}): Incident {
  return {
    ...{ id, revision: 1, namespace: 'live', monitor: 'sports', stream: 'one', detector: 'freeze' },
    ...{ kind: 'full', severity: 'critical', start, startTime: iso(start), openedAt: iso(start + 2) },
    ...{ score: 0.8, confidence: 0.9 },
    ...(end === undefined
      ? { state: 'open' }
      : { state: 'closed', revision: 2, end, endTime: iso(end), closeReason: 'recovered' }),
    ...more,
  };
}

/** Seconds: watermark at 100, the new owner watches since 40 and has judged up to 110. */
function plan(told: readonly Incident[], own: readonly (Incident | OwnIncident)[], facts: object = {}) {
  const result = planTakeOver({
    told,
    own: own.map((one) =>
      'incident' in one ? one : { incident: one, ...(one.endTime && { ended: Date.parse(one.endTime) }) },
    ),
    ...{ watermark: zero + 100_000, position: zero + 110_000, watchedFrom: zero + 40_000, ...facts },
  });
  const both = (pairs: typeof result.continued) => pairs.map(({ told, own }) => `${told.id}=${own.id}`);
  const ids = (incidents: readonly Incident[]) => incidents.map(({ id }) => id);
  return Object.entries({
    continued: both(result.continued),
    ended: both(result.ended),
    adopted: ids(result.adopted),
    released: ids(result.released),
    muted: result.muted.map(({ own, until }) => `${own.id}<${(until - zero) / 1000}`),
    awaited: ids(result.awaited),
  }).flatMap(([what, names]) => (names.length > 0 ? [`${what} ${names}`] : []));
}

describe('planTakeOver', () => {
  it.each<[string, readonly Incident[], readonly (Incident | OwnIncident)[], string[]]>([
    ['nothing', [], [], []],
    ['open on both', [incident('told', 80)], [incident('own', 81)], ['continued told=own']],
    ['open on both, though seen late', [incident('told', 5)], [incident('own', 48)], ['continued told=own']],
    [
      'open on both, and elsewhere of another channel',
      [incident('told', 80, undefined, { channel: 'FL' })],
      [incident('own', 81, undefined, { channel: 'FR' })],
      ['adopted told', 'released own'],
    ],
    ['told as open, over here', [incident('told', 80)], [incident('own', 78, 96)], ['ended told=own']],
    ['told as open, never seen', [incident('told', 80)], [], ['adopted told']],
    [
      'told as open, and over here long before',
      [incident('told', 60)],
      [incident('own', 60, 70)],
      ['adopted told'],
    ],
    ['told and closed, closed here too', [incident('told', 60, 80)], [incident('own', 63, 83)], []],
    [
      'told and closed, still open here',
      [incident('told', 80, 98)],
      [{ incident: incident('own', 88), ended: zero + 106_000 }],
      ['muted own<113'],
    ],
    [
      'told and closed, goes on here for longer than a lag explains',
      [incident('told', 60, 80)],
      [incident('own', 61)],
      ['released own', 'awaited told'],
    ],
    ['told and closed, not seen', [incident('told', 80, 90)], [], ['awaited told']],
    ['began after the watermark', [], [incident('own', 103)], ['released own']],
    ['began and ended after the watermark', [], [incident('own', 102, 105)], ['released own']],
    ['shorter than the old owner could tell', [], [incident('own', 99, 103)], ['released own']],
    ['the old owner saw otherwise', [], [incident('own', 60, 70)], []],
    ['seen only here, and still open', [], [incident('own', 60)], ['released own']],
    [
      'two in a row, both readers apart by a constant lag',
      [incident('a', 70, 75), incident('b', 84, 89)],
      [incident('a2', 82, 87), incident('b2', 96, 101), incident('c2', 107)],
      ['released c2'],
    ],
    [
      'a new one soon after one that both closed',
      [incident('told', 80, 85)],
      [incident('own', 80, 85), incident('new', 94, 102)],
      ['released new'],
    ],
    [
      'over here, and another has begun',
      [incident('told', 80)],
      [incident('own', 79, 92), incident('new', 104)],
      ['ended told=own', 'released new'],
    ],
    [
      'one closed and one open, the lagging reader has one open',
      [incident('closed', 70, 75), incident('open', 97)],
      [incident('own', 96)],
      ['continued open=own', 'awaited closed'],
    ],
  ])('%s', (_, told, own, expected) => {
    expect(plan(told, own)).toEqual(expected);
  });

  it('tells everything where nobody is known to have told anything', () => {
    const never = { watermark: Number.NEGATIVE_INFINITY };
    expect(plan([], [incident('a', 50, 55), incident('b', 70)], never)).toEqual(['released a,b']);
  });

  it('leaves each incident one fate', () => {
    const told = [incident('t1', 20, 50), incident('t2', 60, 95), incident('t3', 99)];
    const own = [incident('o1', 45, 52), incident('o2', 61, 99), incident('o3', 105)];
    const fates = plan(told, own).join(' ');
    for (const { id } of own) expect(fates.split(id).length - 1).toBeLessThanOrEqual(1);
    expect(fates).toContain('continued t3=o3');
  });
});

describe('continuedAs', () => {
  it('keeps what was told and takes the worst of both', () => {
    const told = incident('told', 80, undefined, { revision: 3, severity: 'warning', area: 0.5 });
    const own = incident('own', 81, undefined, { score: 0.95, area: 0.2 });
    expect(continuedAs({ told, own }, 12)).toMatchObject({
      ...{ id: 'told', start: 12, startTime: iso(80), openedAt: iso(82), score: 0.95, area: 0.5 },
      // A rise in severity is news.
      ...{ severity: 'critical', revision: 4 },
    });
    expect(continuedAs({ told: own, own: told }, 12)).toMatchObject({ severity: 'critical', revision: 1 });
  });
});

describe('endedAs', () => {
  it('closes what was told where the new owner saw it end, never before it began', () => {
    const both = { told: incident('told', 80), own: incident('own', 79, 96) };
    expect(endedAs(both, 70)).toMatchObject({
      ...{ id: 'told', state: 'closed', revision: 2, start: 70, end: 96, endTime: iso(96) },
      closeReason: 'recovered',
    });
    expect(endedAs(both, 99)).toMatchObject({ start: 99, end: 99 });
  });
});
