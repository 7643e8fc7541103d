import { expect, it } from 'vitest';
import { parseAssignment, shardApiVersion } from '../../../crds/assignment.ts';

it('knows the StreamMonitors of the document alone, whatever the others are called', () => {
  const head = { apiVersion: shardApiVersion, kind: 'Assignment', shard: 's', generation: 1, monitors: {} };
  for (const monitor of ['toString', 'constructor', '__proto__', 'live/sports']) {
    const streams = [{ monitor, name: 'a', url: 'https://o.example/a.m3u8', detectors: [] }];
    expect(() => parseAssignment({ ...head, streams })).toThrow('is not among monitors');
  }
});
