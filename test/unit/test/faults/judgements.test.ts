import { describe, expect, it } from 'vitest';
import type { IncidentEvent } from '../../../../crds/incident-event.ts';
import type { ResultRecord } from '../../../../crds/result-record.ts';
import { incidentsOf, judgeIncidents } from '../../../faults/checks/incidents.ts';
import { judgeRecords } from '../../../faults/checks/results.ts';
import type { Fault } from '../../../faults/fault.ts';

const start = Date.parse('2026-01-31T23:00:00Z');
const iso = (seconds: number) => new Date(start + 1000 * seconds).toISOString();
const fault = { name: 'any' } as Fault;
const nodeLost = { name: 'node', mayLose: 10 } as Fault;

/** An event of a freeze of `one` from second 5 on. */
function event(id: string, change: string, given: { detector?: string; stream?: string; at?: number } = {}) {
  const { detector = 'freeze', stream = 'one', at = 5 } = given;
  const revision = change === 'opened' ? 1 : 2;
  const ended = change === 'closed' && { endTime: iso(20), closeReason: 'recovered' };
  const state = change === 'closed' ? 'closed' : 'open';
  const times = { startTime: iso(at), openedAt: iso(at + 2), ...ended };
  const incident = { id, revision, state, stream, detector, kind: 'full', ...times };
  return {
    id: `${id}.${revision}`,
    type: `dev.streammonitor.incident.${change}`,
    data: { incident },
  } as unknown as IncidentEvent;
}

const whole = (id: string) => [event(id, 'opened'), event(id, 'closed')];

function findings(events: readonly IncidentEvent[], of: Fault = fault) {
  const defects = [{ stream: 'one', from: start + 5_000, to: start + 20_000 }];
  const round = { defects, begunAt: start, struckAt: start + 8_000, fault: of };
  return judgeIncidents(round, [...incidentsOf(events).values()]);
}

describe('the incidents of a fault', () => {
  it('are well with one for each defect, whatever comes twice', () => {
    expect(findings([...whole('a'), ...whole('a')])).toEqual([]);
  });

  it.each([
    ['none', []],
    ['one that does not close', [event('a', 'opened')]],
    ['one that was never opened', [event('a', 'closed')]],
    ['two', [...whole('a'), ...whole('b')]],
    ['one of another stream as well', [...whole('a'), event('b', 'opened', { stream: 'two' })]],
    ['one of another detector as well', [...whole('a'), event('b', 'opened', { detector: 'stall' })]],
    ['one of another time as well', [...whole('a'), event('b', 'opened', { at: 40 })]],
  ])('are not with %s', (_, events) => {
    expect(findings(events)).toHaveLength(1);
    expect(findings(events)[0]).not.toHaveProperty('allowed');
  });

  it('may be lost with a node when they were seconds old', () => {
    expect(findings([event('a', 'opened'), ...whole('b')], nodeLost)).toEqual([
      expect.objectContaining({ allowed: true }),
    ]);
  });
});

describe('the records of a run', () => {
  const record = (recordId: string, revision: number, state = 'closed') =>
    ({ type: 'incident', recordId, revision, state }) as ResultRecord;
  const told = incidentsOf(whole('a'));
  const rounds = [{ number: 1, begunAt: start, fault }];
  const judged = (records: readonly ResultRecord[], of = rounds) => judgeRecords(records, told, of);

  it('are well with each of them once', () => {
    expect(judged([record('a', 1, 'open'), record('a', 2)])).toEqual([]);
  });

  it.each([
    ['one twice', [record('a', 2), record('a', 2)]],
    ['no end', [record('a', 1, 'open')]],
    ['an incident that nobody was told of', [record('a', 2), record('b', 2)]],
  ])('are not with %s', (_, records) => {
    expect(judged(records)).toEqual([expect.not.objectContaining({ allowed: true })]);
  });

  it('may lack what a node had not sent yet', () => {
    expect(judged([], [...rounds, { number: 2, begunAt: start + 60_000, fault: nodeLost }])).toEqual([
      expect.objectContaining({ allowed: true, round: 1 }),
    ]);
    const between = { number: 2, begunAt: start + 60_000, fault };
    expect(
      judged([], [...rounds, between, { number: 3, begunAt: start + 120_000, fault: nodeLost }]),
    ).toEqual([expect.not.objectContaining({ allowed: true })]);
  });
});
