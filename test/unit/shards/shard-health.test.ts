import { describe, expect, it } from 'vitest';
import { type ShardEvidence, shardHealth } from '../../../operator/shards/shard-health.ts';

const now = Date.parse('2026-01-01T12:00:00Z');
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();
const policy = { grace: 45, startTimeout: 300 };

/** @param available since how many seconds it is so; absent where nothing is said of it */
function deployment(createdAgo: number, available?: readonly ['True' | 'False', number]) {
  const conditions = available
    ? [{ type: 'Available', status: available[0], lastTransitionTime: ago(available[1]) }]
    : [];
  return { metadata: { name: 'shard-0', creationTimestamp: ago(createdAgo) }, status: { conditions } };
}

function pod(ready: boolean, nodeName = 'node-1') {
  return {
    metadata: { name: 'shard-0-x' },
    spec: { nodeName },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' } as const] },
  };
}

function node(ready = true, unschedulable = false) {
  return {
    metadata: { name: 'node-1' },
    spec: { unschedulable },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown' } as const] },
  };
}

/** A shard that is well, unless said otherwise. */
function health(change: Partial<ShardEvidence> = {}) {
  const evidence: ShardEvidence = {
    deployment: deployment(600, ['True', 590]),
    pod: pod(true),
    node: node(),
    nodesKnown: true,
    silence: 1,
    replaceable: true,
    ...change,
  };
  return shardHealth(evidence, policy, now);
}

describe('shardHealth', () => {
  it('is ready where the pod is and answers, and draining where its node takes no more', () => {
    expect(health()).toBe('Ready');
    expect(health({ node: node(true, true) })).toBe('Draining');
    expect(health({ node: node(false) })).toBe('Ready');
  });

  it('begins with a Deployment that is yet to be written, and with none for ever where nobody asks', () => {
    expect(health({ deployment: undefined, pod: undefined })).toBe('Starting');
    expect(health({ deployment: undefined, pod: undefined, replaceable: false })).toBe('Lost');
  });

  it('starts for as long as a start may take', () => {
    const starting = { pod: pod(false), silence: Number.POSITIVE_INFINITY };
    expect(health({ ...starting, deployment: deployment(0) })).toBe('Starting');
    expect(health({ ...starting, deployment: deployment(299, ['False', 298]) })).toBe('Starting');
    expect(health({ ...starting, deployment: deployment(302, ['False', 301]) })).toBe('Lost');
  });

  it('still starts when the Deployment is known to be available before its pod is', () => {
    expect(health({ deployment: deployment(20, ['True', 1]), pod: pod(false) })).toBe('Starting');
    expect(health({ deployment: deployment(20, ['True', 10]), pod: pod(false) })).toBe('Unknown');
  });

  it('is ready before it could be asked', () => {
    expect(health({ silence: Number.POSITIVE_INFINITY })).toBe('Ready');
  });

  it('is unknown where it is silent, and lost only where the cluster agrees', () => {
    expect(health({ silence: 36 })).toBe('Unknown');
    expect(health({ silence: 3600 })).toBe('Unknown');
    expect(health({ silence: 46, node: node(false) })).toBe('Lost');
    const down = { pod: pod(false), deployment: deployment(600, ['False', 50]) };
    expect(health({ ...down, silence: 50 })).toBe('Lost');
    expect(health({ ...down, silence: 1 })).toBe('Unknown');
    expect(health({ pod: pod(false), deployment: deployment(600, ['False', 40]), silence: 40 })).toBe(
      'Unknown',
    );
  });

  it('is lost with its node, where nodes are seen and it is silent', () => {
    expect(health({ node: undefined, silence: 13 })).toBe('Lost');
    expect(health({ node: undefined, silence: 13, pod: pod(false) })).toBe('Lost');
    expect(health({ node: undefined, silence: 13, nodesKnown: false })).toBe('Ready');
  });

  it('goes on where it answers from a node that is not seen yet', () => {
    expect(health({ node: undefined, silence: 11 })).toBe('Ready');
    expect(health({ node: undefined, silence: Number.POSITIVE_INFINITY })).toBe('Ready');
  });
});
