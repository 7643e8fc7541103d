import { describe, expect, it } from 'vitest';
import type { Assignment, StreamAssignment } from '../../../crds/assignment.ts';
import type { StreamMonitorStatus } from '../../../crds/stream-monitor.ts';
import { MonitorSources, type StreamMonitorObject } from '../../../operator/controllers/monitor-sources.ts';
import { type ExplainFacts, explain } from '../../../operator/explain/explanation.ts';
import { monitorText, streamText } from '../../../operator/explain/explanation-text.ts';
import type { ShardPod } from '../../../operator/shards/shard-objects.ts';
import { openIncident, shardReport } from './reports.ts';

const now = Date.parse('2026-01-01T12:00:00.000Z');
const url = 'https://origin.example/master.m3u8';

function facts(
  values: {
    readonly spec?: object;
    readonly status?: StreamMonitorStatus;
    readonly assignments?: readonly Assignment[];
    readonly pods?: readonly ShardPod[];
  } = {},
): ExplainFacts {
  const object: StreamMonitorObject = {
    apiVersion: 'streammonitor.dev/v1alpha1',
    kind: 'StreamMonitor',
    metadata: { namespace: 'live', name: 'sports', uid: 'u-1', generation: 2 },
    spec: values.spec ?? { streams: [{ name: 'channel-1', url }] },
    status: values.status,
  };
  const of = <T>(items: T[]) => ({ get: () => undefined, list: () => items });
  const [source] = new MonitorSources(of([object]), of([])).of('live');
  return { source: source!, assignments: values.assignments ?? [], pods: values.pods ?? [], now };
}

function assignment(shard: string, streams: readonly Partial<StreamAssignment>[]): Assignment {
  return {
    apiVersion: 'shards.streammonitor.dev/v1alpha1',
    kind: 'Assignment',
    shard,
    generation: 4,
    monitors: {},
    streams: streams.map((stream) => ({
      monitor: 'live/sports',
      name: 'channel-1',
      url,
      rendition: 'highest',
      priority: 50,
      detectors: ['freeze', 'black'],
      role: 'owner',
      placement: {
        generation: 1,
        since: '2026-01-01T08:00:00.000Z',
        reason: 'the stream is new here',
        cost: 120,
      },
      ...stream,
    })),
  };
}

const pod: ShardPod = {
  metadata: {
    name: 'smon-1-0-abc',
    namespace: 'live',
    labels: { 'streammonitor.dev/shard': 'smon-1-0' },
    creationTimestamp: '2026-01-01T07:59:00Z',
  },
  spec: { nodeName: 'node-3' },
};

const stateOf = (values: Parameters<typeof facts>[0]) => {
  const [stream] = explain(facts(values)).streams;
  return `${stream!.state}: ${stream!.why}`;
};

describe('explain', () => {
  it('says where a stream runs, since when, why and at what cost', () => {
    const given = facts({ assignments: [assignment('smon-1-0', [{}])], pods: [pod] });
    const explanation = explain(given);
    expect(explanation.streams).toMatchObject([
      {
        name: 'channel-1',
        state: 'Placed',
        why: 'the stream is new here',
        cost: 120,
        extraDecode: 0,
        placements: [
          {
            shard: 'smon-1-0',
            role: 'owner',
            pod: 'smon-1-0-abc',
            node: 'node-3',
            since: '2026-01-01T08:00:00.000Z',
            reason: 'the stream is new here',
            cost: 120,
            detectors: ['black', 'freeze'],
          },
        ],
        detectors: [
          { type: 'black', needs: ['reduced'], cost: 0.5 },
          { type: 'freeze', needs: ['reduced'], cost: 1.7 },
        ],
        disabled: expect.arrayContaining(['silence', 'blur']),
      },
    ]);
    expect(explanation.streams[0]).not.toHaveProperty('watching');
    expect(streamText(explanation, explanation.streams[0]!, now)).toBe(
      `live/sports/channel-1: on smon-1-0.

SHARD     ROLE   POD           NODE    SINCE                     AGE  COST
smon-1-0  owner  smon-1-0-abc  node-3  2026-01-01T08:00:00.000Z  4h   120 ms/s

smon-1-0: the stream is new here
  detectors: black, freeze

Cost: 120 ms CPU per second.

DETECTOR  NEEDS    DECLARED
black     reduced  0.5 ms/s
freeze    reduced  1.7 ms/s
Disabled: ${explanation.streams[0]!.disabled.join(', ')}.
`,
    );
    expect(monitorText(explanation, now)).toBe(
      `live/sports: 1 stream, 120 ms CPU per second

STREAM     STATE   NOW  SHARD     ROLE   POD           NODE    AGE  COST      WHY
channel-1  Placed  -    smon-1-0  owner  smon-1-0-abc  node-3  4h   120 ms/s  the stream is new here
`,
    );
  });

  it('says what a division of the detectors costs', () => {
    const explanation = explain(
      facts({
        assignments: [
          assignment('smon-1-0', [{ detectors: ['black'] }]),
          assignment('smon-1-1', [{ detectors: ['freeze'] }]),
        ],
      }),
    );
    const [stream] = explanation.streams;
    expect(stream).toMatchObject({ state: 'Placed', cost: 240, extraDecode: 99 });
    expect(streamText(explanation, stream!, now)).toContain(
      'Cost: 240 ms CPU per second, some 99 ms of it as its divided detectors decode it more than once.',
    );
  });

  it('tells each step of a move', () => {
    const source = (role: 'owner' | 'demoted') => assignment('smon-1-0', [{ role }]);
    const placement = {
      generation: 2,
      since: '2026-01-01T11:59:30.000Z',
      reason: 'the node of smon-1-0 is to be emptied',
      from: 'smon-1-0',
      cost: 120,
    };
    const target = (values: Partial<StreamAssignment>) => assignment('smon-1-1', [{ placement, ...values }]);
    const adopt = { from: 'smon-1-0', watermarkTime: '2026-01-01T11:59:58.000Z', incidents: [] };
    const because = 'the node of smon-1-0 is to be emptied';
    expect(stateOf({ assignments: [source('owner'), target({ role: 'warming' })] })).toBe(
      `Moving: smon-1-1 warms up and smon-1-0 speaks for it: ${because}`,
    );
    expect(stateOf({ assignments: [source('demoted'), target({ role: 'warming' })] })).toBe(
      `Moving: smon-1-0 hands over to smon-1-1: ${because}`,
    );
    expect(stateOf({ assignments: [source('demoted'), target({ adopt })] })).toBe(
      `Moving: smon-1-1 has taken over: ${because}`,
    );
    expect(stateOf({ assignments: [source('owner'), target({ role: 'warming', exclusive: true })] })).toBe(
      `Moving: to smon-1-1, which opens it once smon-1-0 has let go: ${because}`,
    );
    expect(stateOf({ assignments: [source('demoted')] })).toBe('Moving: smon-1-0 is letting go of it');
  });

  it('says why a stream runs nowhere', () => {
    const streams = [{ name: 'channel-1', url }];
    expect(stateOf({ spec: { streams, suspend: true } })).toBe('Suspended: spec.suspend is true');
    const window = (times: object) => ({ streams: [{ name: 'channel-1', url, window: times }] });
    expect(stateOf({ spec: window({ start: '2026-01-01T18:00:00Z' }) })).toBe(
      'OutsideWindow: its window opens at 2026-01-01T18:00:00Z',
    );
    expect(stateOf({ spec: window({ end: '2026-01-01T10:00:00Z' }) })).toBe(
      'OutsideWindow: its window closed at 2026-01-01T10:00:00Z',
    );
    const full = 'all 4 shards are full: raise shards.max';
    const shed = { name: 'channel-1', phase: 'Down', reason: 'NoCapacity', message: full } as const;
    expect(stateOf({ status: { worstStreams: [shed] } })).toBe(`NoCapacity: ${full}`);
    expect(stateOf({})).toBe('Waiting: no operator has seen the StreamMonitor yet: is one running?');
    expect(stateOf({ status: { observedGeneration: 1 } })).toBe(
      'Waiting: the operator has not acted on the latest change yet',
    );
    const condition = {
      type: 'Degraded',
      status: 'True',
      reason: 'ApplyFailed',
      message: 'quota exceeded.',
    } as const;
    const conditions = [{ ...condition, lastTransitionTime: '2026-01-01T11:00:00Z' }];
    expect(stateOf({ status: { observedGeneration: 2, conditions } })).toBe(
      'Waiting: not placed: quota exceeded.',
    );
    expect(stateOf({ status: { observedGeneration: 2 } })).toBe(
      'Waiting: the operator has not placed it yet',
    );
  });

  it('says of what still runs that it is leaving, and of a refused change that streams stay', () => {
    const assignments = [assignment('smon-1-0', [{ name: 'old' }])];
    const old = (spec: object) =>
      explain(facts({ spec, assignments })).streams.find(({ name }) => name === 'old')!;
    const streams = [{ name: 'channel-1', url }];
    expect(old({ streams })).toMatchObject({
      state: 'Leaving',
      why: 'it is not asked for any more; its shard has not let go of it yet',
    });
    expect(old({ streams, suspend: true }).why).toBe(
      'spec.suspend is true; its shard has not let go of it yet',
    );
    const refused = { streams, suspend: 'no' };
    expect(old(refused).state).toBe('Placed');
    expect(explain(facts({ spec: refused })).problems).toEqual([
      'spec.suspend must be true or false, not a text',
    ]);
  });

  it('shows a person what needs attention', () => {
    const condition = (type: string, status: 'True' | 'False') => ({
      type,
      status,
      reason: 'AReason',
      message: 'A message.',
      lastTransitionTime: '2026-01-01T11:00:00Z',
    });
    const status: StreamMonitorStatus = {
      conditions: [condition('Ready', 'True'), condition('Degraded', 'True'), condition('Blind', 'False')],
      worstStreams: [{ name: 'channel-1', phase: 'Down', reason: 'NotFound', message: 'HTTP 404' }],
    };
    const explanation = explain(facts({ status, assignments: [assignment('smon-1-0', [{}])] }));
    expect(monitorText(explanation, now).split('\n').slice(0, 2)).toEqual([
      'live/sports: 1 stream, 120 ms CPU per second',
      '  Degraded is True, AReason: A message.',
    ]);
    expect(streamText(explanation, explanation.streams[0]!, now)).toContain(
      '  status: Down, NotFound: HTTP 404',
    );
  });

  it('says how the stream is watched, what is found, and which detectors cannot tell', () => {
    const answers = new Map([
      ['smon-1-0', { report: shardReport('smon-1-0', [{ unknown: { freeze: 'why' } }]) }],
    ]);
    const given = { ...facts({ assignments: [assignment('smon-1-0', [{}])], pods: [pod] }), answers };
    const explanation = explain(given);
    const [stream] = explanation.streams;
    expect(stream!.watching).toMatchObject({ phase: 'Up', blindSeconds: 40, lagSeconds: 2, cpu: 100 });
    const text = streamText(explanation, stream!, now);
    expect(text).toContain('  Up since 2026-01-01T11:00:00.000Z, Receiving: frames or sound arrive\n');
    expect(text).toContain('  1280×720, 25 fps, h264 · stereo, 48 kHz, aac\n');
    expect(text).toContain(
      '  watched for 59 min, blind for 40 s, with defects for 0.0 s, 2.0 s behind, 100 ms CPU per second\n',
    );
    expect(text).toMatch(/freeze +reduced +1\.7 ms\/s +cannot tell: why\n/);
    expect(monitorText(explanation, now)).toMatch(/channel-1 +Placed +Up +smon-1-0/);
  });

  it('names what is open, and what of it is to be expected', () => {
    const openIncidents = [
      openIncident({ id: 'a', detector: 'black', severity: 'warning', score: 0.9 }),
      openIncident({ id: 'b', detector: 'freeze', severity: 'critical', score: 0.8 }),
      openIncident({ id: 'c', detector: 'freeze', suppressed: 'slate' }),
    ];
    const answers = new Map([['smon-1-0', { report: shardReport('smon-1-0', [{ openIncidents }]) }]]);
    const explanation = explain({ ...facts({ assignments: [assignment('smon-1-0', [{}])] }), answers });
    const text = streamText(explanation, explanation.streams[0]!, now);
    expect(text).toContain(
      `  critical freeze (freeze) for 2 min, score 0.80
  warning black (freeze) for 2 min, score 0.90
  1 more, which are to be expected
`,
    );
    expect(monitorText(explanation, now)).toMatch(/channel-1 +Placed +Up, 2 defects +smon-1-0/);
  });

  it('says why nobody knows, where a shard does not answer', () => {
    const answers = new Map([['smon-1-0', { problem: 'get pods/proxy live/smon-1-0-abc: forbidden' }]]);
    const explanation = explain({ ...facts({ assignments: [assignment('smon-1-0', [{}])] }), answers });
    expect(streamText(explanation, explanation.streams[0]!, now)).toContain(
      '  nobody knows how it is: get pods/proxy live/smon-1-0-abc: forbidden\n',
    );
    expect(monitorText(explanation, now)).toMatch(/channel-1 +Placed +Unknown +smon-1-0/);
  });
});
