import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { resultColumns } from '../../../crds/result-record.ts';
import { actionEvent } from '../../../monitor/actions/action-attempts.ts';
import { incidentEvent, withPicture } from '../../../monitor/notifications/incident-event.ts';
import { incidentRecord, summaryRecord } from '../../../monitor/results/result-records.ts';
import { schemaFaults } from '../../integration/published-schemas.ts';
import { closed, identity, incident, opened } from '../notifications/incidents.ts';

const now = '2026-01-31T23:00:00.000Z';
const source = { shard: 'shard-0', bootId: 'b', region: 'eu' };
const actions = [
  { name: 'switch', at: now, outcome: 'delivered', status: 200, result: 'on backup' },
] as const;
const event = incidentEvent({ ...opened(), evidence: { scores: [[12, 0.9]] } }, now, 'eu');
const summary = { stream: identity, detector: 'freeze', minute: Date.parse(now) };

describe('the published schemas', () => {
  it.each([
    ['result-record', incidentRecord(opened(), source, now)],
    [
      'result-record',
      incidentRecord(closed({ actions, evidence: 'a.jpg', area: 1, channel: 'FL' }), source, now),
    ],
    ['result-record', summaryRecord({ ...summary, monitored: 60, blind: 0, defect: 1.5 }, source)],
    ['incident-event', event],
    ['incident-event', withPicture(event, Buffer.from('jpeg'))],
    ['incident-event', incidentEvent(closed({ actions }), now)],
    ['action-event', actionEvent({ name: 'switch' }, incident(), now, 'eu')],
  ] as const)('%s takes what is written', (name, document) => {
    expect(schemaFaults(name, document)).toEqual([]);
  });

  it('takes fields that a later version adds', () => {
    expect(schemaFaults('incident-event', { ...event, dataschema: 'later' })).toEqual([]);
  });

  it.each([
    ['result-record', { ...incidentRecord(opened(), source, now), severity: 'bad' }],
    ['result-record', { ...incidentRecord(opened(), source, now), time: 'soon' }],
    ['result-record', { ...incidentRecord(opened(), source, now), type: 'other' }],
    ['incident-event', { ...event, data: {} }],
    ['action-event', event],
  ] as const)('%s refuses what is not', (name, document) => {
    expect(schemaFaults(name, document)).not.toEqual([]);
  });
});

describe('docs/results.md', () => {
  const [duckdb, athena] = readFileSync(new URL('../../../docs/results.md', import.meta.url), 'utf8').split(
    '## Athena',
  ) as [string, string];

  it('declares every column for DuckDB', () => {
    const declared = [...duckdb.matchAll(/"(\w+)": '([^']+)'/g)].map(([, name, type]) => [name, type]);
    expect(Object.fromEntries(declared)).toEqual(resultColumns);
  });

  it('declares every column for Athena', () => {
    const types: Record<string, string> = {
      VARCHAR: 'string',
      TIMESTAMP: 'string',
      INTEGER: 'int',
      DOUBLE: 'double',
    };
    const columns = athena.slice(0, athena.indexOf('PARTITIONED BY'));
    const declared = [...columns.matchAll(/`(\w+)` (\w+)/g)].map(([, name, type]) => [name, type]);
    const expected = Object.entries(resultColumns).map(([name, type]) => [name, types[type] ?? 'array']);
    expect(declared).toEqual(expected);
  });
});
