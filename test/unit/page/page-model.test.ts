import { describe, expect, it } from 'vitest';
import type { Incident } from '../../../crds/incident.ts';
import type { PageTile } from '../../../crds/page-api.ts';
import { conditionOf, matches, openIncidents, ordered } from '../../../monitor/page/condition.ts';
import { newsOf } from '../../../monitor/page/news.ts';
import { incidentSpans, phaseSpans, timelineRange } from '../../../monitor/page/timeline-spans.ts';
import { parseView, viewHash } from '../../../monitor/page/view.ts';
import { agoText, durationText, incidentText } from '../../../monitor/page/wording.ts';

const now = Date.parse('2026-01-01T01:00:00Z');
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();

function stream(values: Partial<PageTile> = {}): PageTile {
  return {
    namespace: 'live',
    monitor: 'sports',
    name: 'channel-1',
    phase: 'Up',
    reason: 'Receiving',
    message: '',
    since: ago(3000),
    unknown: 0,
    incidents: [],
    ...values,
  };
}

function incident(id: string, values: Partial<Incident> = {}): Incident {
  return {
    id,
    revision: 1,
    state: 'open',
    namespace: 'live',
    monitor: 'sports',
    stream: 'channel-1',
    detector: 'freeze',
    kind: 'freeze',
    severity: 'critical',
    start: 0,
    startTime: ago(60),
    openedAt: ago(58),
    score: 1,
    confidence: 1,
    ...values,
  };
}

describe('condition', () => {
  it('is the worst of phase and open incidents', () => {
    const warning = incident('a', { severity: 'warning' });
    expect(conditionOf(stream())).toBe('good');
    expect(conditionOf(stream({ incidents: [warning] }))).toBe('warning');
    expect(conditionOf(stream({ incidents: [warning, incident('b')] }))).toBe('critical');
    expect(conditionOf(stream({ incidents: [incident('b', { state: 'closed' })] }))).toBe('good');
    expect(conditionOf(stream({ phase: 'Down', incidents: [warning] }))).toBe('down');
    expect(conditionOf(stream({ phase: 'Starting' }))).toBe('starting');
    expect(conditionOf(stream({ phase: 'Ended' }))).toBe('ended');
    expect(conditionOf(stream({ unheardSince: ago(9), incidents: [warning] }))).toBe('unheard');
  });

  it('orders problems first, then names as people count', () => {
    const streams = ['channel-10', 'channel-2', 'channel-3'].map((name) =>
      stream({ name, ...(name === 'channel-3' && { incidents: [incident('a')] }) }),
    );
    expect(ordered(streams, 'problems').map(({ name }) => name)).toEqual([
      'channel-3',
      'channel-2',
      'channel-10',
    ]);
    expect(ordered(streams, 'name').map(({ name }) => name)).toEqual([
      'channel-2',
      'channel-3',
      'channel-10',
    ]);
  });

  it('puts the worst open incident first', () => {
    const incidents = [
      incident('a', { severity: 'info' }),
      incident('b'),
      incident('c', { state: 'closed' }),
    ];
    expect(openIncidents(stream({ incidents })).map(({ id }) => id)).toEqual(['b', 'a']);
  });

  it('finds every word of a search in names, reason or open incidents', () => {
    const subject = stream({ incidents: [incident('a')] });
    expect(matches(subject, '')).toBe(true);
    expect(matches(subject, 'SPORTS freeze')).toBe(true);
    expect(matches(subject, 'sports silence')).toBe(false);
  });
});

describe('view', () => {
  it('survives the way through the URL', () => {
    const view = {
      stream: 'live/sports/channel-1@1080p',
      condition: 'critical',
      search: 'a & b',
      order: 'name',
      size: 'small',
    } as const;
    expect(parseView(viewHash(view))).toEqual(view);
    expect(viewHash(parseView(''))).toBe('#/');
  });

  it('ignores what it does not know', () => {
    expect(parseView('#/stream/live?state=odd&order=odd&size=1')).toEqual(parseView('#/'));
    expect(parseView('#/stream/a/b/%zz').stream).toBe('a/b/%zz');
  });
});

describe('wording', () => {
  it.each([
    [0.42, '0.4 s'],
    [12.4, '12 s'],
    [59.6, '1 min'],
    [200, '3 min 20 s'],
    [7500, '2 h 5 min'],
    [273_600, '3 d 4 h'],
    [-3, '0.0 s'],
  ])('says %d seconds as %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });

  it('says how long ago something was', () => {
    expect([0, 12, 200, 7500].map((seconds) => agoText(ago(seconds), now))).toEqual([
      'just now',
      '12 s ago',
      '3 min ago',
      '2 h 5 min ago',
    ]);
  });

  it('names a defect with its kind and channel', () => {
    const late = incident('a', { detector: 'av-sync', kind: 'audio-late', channel: 'FL' });
    expect(incidentText({ ...late, title: 'Audio out of sync' })).toBe('Audio out of sync · audio late · FL');
    expect(incidentText(incident('b', { detector: 'custom-logo', kind: 'custom-logo' }))).toBe('Custom logo');
  });
});

describe('timeline', () => {
  it('places incidents within the last ten minutes, worse ones above', () => {
    const incidents = [
      incident('open', { startTime: ago(60) }),
      incident('short', { state: 'closed', startTime: ago(300), endTime: ago(299.9), severity: 'info' }),
      incident('cut', { state: 'closed', startTime: ago(700), endTime: ago(590), severity: 'warning' }),
      incident('gone', { state: 'closed', startTime: ago(900), endTime: ago(601) }),
    ];
    expect(incidentSpans(incidents, now, 600)).toEqual([
      { id: 'short', severity: 'info', open: false, from: 300, to: 303 },
      { id: 'cut', severity: 'warning', open: false, from: 0, to: 10 },
      { id: 'open', severity: 'critical', open: true, from: 540, to: 600 },
    ]);
  });

  it('shows an incident that opened just now', () => {
    expect(incidentSpans([incident('a', { startTime: ago(0) })], now, 600)[0]).toMatchObject({
      from: 597,
      to: 600,
    });
    expect(incidentSpans([incident('a', { startTime: ago(-30) })], now, 600)).toHaveLength(1);
  });

  it('shows two, five or ten minutes, as long as something is known', () => {
    const since = (seconds: number) => stream({ since: ago(seconds) });
    expect([10, 120, 121, 500, 5000].map((seconds) => timelineRange(since(seconds), now))).toEqual([
      120, 120, 300, 600, 600,
    ]);
    expect(timelineRange({ ...since(10), incidents: [incident('a', { startTime: ago(200) })] }, now)).toBe(
      300,
    );
  });

  it('shows since when a stream is watched, and where it was not', () => {
    const history = [
      { phase: 'Starting', reason: 'Connecting', since: ago(400) },
      { phase: 'Up', reason: 'Receiving', since: ago(390) },
      { phase: 'Down', reason: 'NotFound', since: ago(100) },
    ] as const;
    expect(phaseSpans(stream({ history }), now, 600)).toEqual([
      { phase: 'Starting', from: 200, to: 210 },
      { phase: 'Up', from: 210, to: 500 },
      { phase: 'Down', from: 500, to: 600 },
    ]);
    expect(phaseSpans(stream({ since: ago(30) }), now, 600)).toEqual([{ phase: 'Up', from: 570, to: 600 }]);
  });
});

describe('feed', () => {
  it('tells of incidents that opened and of streams that went down', () => {
    const wall = (...streams: PageTile[]) => ({ tiles: streams });
    const down = stream({ phase: 'Down', message: 'the host does not answer', incidents: [incident('a')] });
    expect(newsOf(wall(stream()), wall(down))).toBe(
      'channel-1: Freeze, Critical. channel-1 is down: the host does not answer',
    );
    expect(newsOf(undefined, wall(down))).toBeUndefined();
    expect(newsOf(wall(down), wall({ ...down, unknown: 1 }))).toBeUndefined();
  });
});
