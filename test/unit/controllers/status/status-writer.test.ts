import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StreamMonitorStatus } from '../../../../crds/stream-monitor.ts';
import { type StatusHolder, StatusWriter } from '../../../../operator/controllers/status/status-writer.ts';
import { KubeError } from '../../../../operator/kube/kube-error.ts';
import type { KubeObject, Resource } from '../../../../operator/kube/resource.ts';

const resource: Resource = {
  group: 'streammonitor.dev',
  version: 'v1alpha1',
  plural: 'streammonitors',
  namespaced: true,
  kind: 'StreamMonitor',
};
const holder = (status?: StreamMonitorStatus): StatusHolder => ({
  metadata: { name: 'sports', namespace: 'live', uid: 'u-1', resourceVersion: '7' },
  ...(status && { status }),
});

/** The end of the wire: what was sent, and what each call is answered with. */
function wire() {
  const sent: unknown[] = [];
  const failures: Error[] = [];
  const client = {
    apply: async <T extends KubeObject>(_: Resource, object: T) => {
      const failure = failures.shift();
      if (failure) throw failure;
      sent.push(object);
      return object;
    },
  };
  return { sent, failures, client };
}

describe('StatusWriter', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('writes what is new, says nothing twice, and gathers what follows two changes soon', async () => {
    const { client, sent } = wire();
    const results: string[] = [];
    const writer = new StatusWriter({ client, resource, onResult: (result) => results.push(result) });
    expect(await writer.write(holder(), { streams: 1 })).toEqual({});
    expect(sent).toEqual([
      { metadata: { name: 'sports', namespace: 'live', resourceVersion: '7' }, status: { streams: 1 } },
    ]);
    expect(await writer.write(holder({ streams: 1 }), { streams: 1 })).toEqual({});
    vi.advanceTimersByTime(4_000);
    expect(await writer.write(holder({ streams: 1 }), { streams: 2 })).toEqual({});
    expect(await writer.write(holder({ streams: 2 }), { streams: 3 })).toEqual({ after: 11_000 });
    vi.advanceTimersByTime(11_000);
    expect(await writer.write(holder({ streams: 2 }), { streams: 4 })).toEqual({});
    expect(await writer.write(holder({ streams: 4 }), { streams: 5 })).toEqual({ after: 4_000 });
    expect(sent).toHaveLength(3);
    expect(results).toEqual(['written', 'suppressed', 'written', 'suppressed', 'written', 'suppressed']);
  });

  it('comes again after conflicts and throttling, and lets go of what is deleted', async () => {
    const { client, sent, failures } = wire();
    const writer = new StatusWriter({ client, resource });
    failures.push(
      new KubeError('Conflict', 'the object has been modified', { status: 409 }),
      new KubeError('Throttled', 'later', { status: 429, retryAfter: 7 }),
      new KubeError('NotFound', 'gone', { status: 404 }),
      new KubeError('Forbidden', 'no', { status: 403 }),
    );
    expect(await writer.write(holder(), { streams: 1 })).toEqual({ after: 2_000 });
    expect(await writer.write(holder(), { streams: 1 })).toEqual({ after: 7_000 });
    expect(await writer.write(holder(), { streams: 1 })).toEqual({});
    await expect(writer.write(holder(), { streams: 1 })).rejects.toThrow('no');
    expect(sent).toEqual([]);
    expect(await writer.write(holder(), { streams: 1 })).toEqual({});
    expect(sent).toHaveLength(1);
  });

  it('starts over with an object that was made anew under the name', async () => {
    const { client, sent } = wire();
    const writer = new StatusWriter({ client, resource });
    await writer.write(holder(), { streams: 1 });
    const anew = { metadata: { ...holder().metadata, uid: 'u-2' } };
    expect(await writer.write(anew, { streams: 1 })).toEqual({});
    writer.forget(anew);
    expect(await writer.write(anew, { streams: 1 })).toEqual({});
    expect(sent).toHaveLength(3);
  });
});
