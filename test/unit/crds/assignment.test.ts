import { expect, it } from 'vitest';
import { parseAssignment, shardApiVersion } from '../../../crds/assignment.ts';

it('knows the StreamMonitors of the document alone, whatever the others are called', () => {
  const head = { apiVersion: shardApiVersion, kind: 'Assignment', shard: 's', generation: 1, monitors: {} };
  for (const monitor of ['toString', 'constructor', '__proto__', 'live/sports']) {
    const streams = [{ monitor, name: 'a', url: 'https://o.example/a.m3u8', detectors: [] }];
    expect(() => parseAssignment({ ...head, streams })).toThrow('is not among monitors');
  }
});

const head = { apiVersion: shardApiVersion, kind: 'Assignment', shard: 's', generation: 1 };
const filter = { match: {}, after: 1, cooldown: 1, webhook: { url: 'https://r.example' } };
const monitor = (more: object) => ({
  'live/sports': { namespace: 'live', name: 'sports', detectors: {}, ...more },
});
const stream = { monitor: 'live/sports', name: 'a', url: 'https://o.example/a.m3u8', detectors: [] };

it('leaves out fields of a newer version, and says which', () => {
  const told: string[] = [];
  const document = {
    ...{ ...head, epoch: 3, monitors: monitor({ tone: 1 }) },
    streams: [{ ...stream, expect: { moons: [] }, colour: 'red' }],
  };
  expect(() => parseAssignment(document)).toThrow('colour');
  const read = parseAssignment(document, (path) => told.push(path));
  expect(told.sort()).toEqual([
    'epoch',
    'monitors.live/sports.tone',
    'streams.0.colour',
    'streams.0.expect.moons',
  ]);
  expect(read).toEqual(
    parseAssignment({ ...head, monitors: monitor({}), streams: [{ ...stream, expect: {} }] }),
  );
});

it('takes no action of which it does not know all', () => {
  const actions = [
    { name: 'narrow', ...filter, match: { regions: ['eu'] } },
    { name: 'known', ...filter },
    { name: 'late', ...filter, unless: 'night', during: 'day' },
  ];
  const document = { ...head, monitors: monitor({ actions }), streams: [stream] };
  const { monitors } = parseAssignment(document, () => {});
  expect(monitors['live/sports']!.actions?.map(({ name }) => name)).toEqual(['known']);
});

it('refuses what is wrong, whatever else is unknown', () => {
  const document = { ...head, epoch: 3, monitors: monitor({}), streams: [{ ...stream, role: 'king' }] };
  expect(() => parseAssignment(document, () => {})).toThrow('role');
});
