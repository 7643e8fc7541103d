import { expect, it } from 'vitest';
import { alertOf } from '../../../monitor/notifications/alert.ts';
import { incident } from './incidents.ts';

const endsAt = '2026-01-31T23:04:00.000Z';

it('has bounded labels and readable texts', () => {
  const freeze = incident({ kind: 'full', area: 0.25, source: 'transport', evidence: 'a-1.jpg' });
  expect(alertOf(freeze, { severity: 'warning', endsAt, region: 'eu' })).toEqual({
    labels: {
      alertname: 'StreamIncident',
      ...{ namespace: 'live', monitor: 'sports', stream: 'channel-1' },
      ...{ detector: 'freeze', kind: 'full', severity: 'warning', region: 'eu' },
    },
    annotations: {
      summary: expect.stringMatching(/^channel-1: [A-Z].* \(full\)$/),
      description:
        'the whole picture stands still since 2026-01-31T22:59:58.000Z, score 0.90, 25 % of the picture, cause: transport',
      incident: freeze.id,
    },
    startsAt: freeze.startTime,
    endsAt,
  });
});

it('tells channels apart, and a detector of which the catalogue does not know', () => {
  const { labels, annotations } = alertOf(incident({ detector: 'logo', kind: 'gone', channel: 'FL' }), {
    severity: 'critical',
    endsAt,
  });
  expect(labels).toMatchObject({ detector: 'logo', channel: 'FL' });
  expect(labels).not.toHaveProperty('region');
  expect(annotations).toMatchObject({ summary: 'channel-1: logo (gone)' });
});

it('links to the stream and its picture, whatever the address of the page ends with', () => {
  for (const pageUrl of [
    'https://page.example/a',
    'https://page.example/a/',
    'https://page.example/a/?b#c',
  ]) {
    const alert = alertOf(incident({ evidence: 'a-1.jpg' }), { severity: 'critical', endsAt, pageUrl });
    expect(alert.generatorURL).toBe('https://page.example/a/#/stream/live/sports/channel-1');
    expect(alert.annotations.evidence).toBe('https://page.example/a/api/evidence/a-1.jpg');
  }
});

it('never ends before it starts', () => {
  const { startTime } = incident();
  expect(alertOf(incident(), { severity: 'critical', endsAt: '2026-01-31T22:59:57.000Z' })).toMatchObject({
    startsAt: startTime,
    endsAt: startTime,
  });
});
