import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiCall } from './cluster/api-call.ts';
import type { WatchLine } from './cluster/fault.ts';
import { FakeCluster } from './fake-cluster.ts';
import { createBoth, expectNoHarm, liveThrough, moveSports, settled, streamsOf } from './lane-scenario.ts';
import { managedState } from './managed-state.ts';
import { type OperatorLane, startLane } from './operator-lane.ts';
import { eventually } from './run-process.ts';

let bed: FakeCluster;

beforeAll(async () => {
  bed = await FakeCluster.start();
});
afterAll(() => bed?.stop());

async function newLane(namespace: string): Promise<OperatorLane> {
  const lane = await startLane(bed.plane, namespace, { atEnd: bed.atEnd });
  await lane.start();
  return lane;
}

const keyOf = ({ path, query }: ApiCall) => `${path}?${query}`;

/** The answers to the lists with which an operator starts, as they are now. */
async function listsNow(lane: OperatorLane): Promise<Map<string, unknown>> {
  const isOfReflector = ({ verb, query }: ApiCall) => verb === 'list' && query.get('limit') === '500';
  const keys = new Set(lane.proxy.calls.filter(isOfReflector).map(keyOf));
  expect(keys.size).toBe(7);
  return new Map(
    await Promise.all([...keys].map(async (key) => [key, await bed.plane.api.json('GET', key)] as const)),
  );
}

test.concurrent('watches are too old, one and all, and what was missed is found', async () => {
  const lane = await newLane('expired');
  await createBoth(lane);
  await settled(lane, { streams: 6, pools: 1 });
  lane.proxy.sever();
  await lane.delete('sports');
  await bed.plane.kubectl(['delete', 'deployment,pdb', '--all', '-n', lane.namespace]);
  const before = lane.proxy.calls.length;
  const met = new Set<string>();
  lane.proxy.inject({
    matches: ({ verb, path, query }) => {
      const key = `${path}?${query.get('labelSelector')}`;
      if (verb !== 'watch' || met.has(key)) return false;
      met.add(key);
      return true;
    },
    fault: { kind: 'answer', status: 410 },
  });
  lane.proxy.mend();
  await settled(lane, { streams: 3, pools: 1 });
  expect(met.size).toBe(7);
  await eventually('each list is had anew', () => {
    const lists = lane.proxy.calls.slice(before).filter(({ verb }) => verb === 'list');
    return new Set(lists.map(({ path, query }) => `${path}?${query.get('labelSelector')}`)).size === 7;
  });
  expectNoHarm(lane, 0);
});

test.concurrent('watches that are silent on connections that stay', async () => {
  const lane = await newLane('half-open');
  await createBoth(lane);
  await settled(lane, { streams: 6, pools: 1 });
  const assigned = () => lane.writes.filter(({ resource }) => resource === 'configmaps');
  const before = assigned().length;
  lane.proxy.stallWatches();
  await lane.change('news', { detectors: { freeze: { minDuration: '7s' } } });
  await lane.delete('sports');
  await sleep(2_000);
  expect(assigned()).toHaveLength(before);
  lane.proxy.sever();
  lane.proxy.mend();
  await settled(lane, { streams: 3, pools: 1 });
  expectNoHarm(lane, 0);
});

test.concurrent('watch events that are lost, doubled or out of order', async () => {
  const lane = await newLane('disorder');
  let count = 0;
  const losable = new Set(['configmaps', 'deployments', 'networkpolicies', 'poddisruptionbudgets']);
  for (const resource of [...losable, 'pods', 'streammonitors']) {
    let held: WatchLine | undefined;
    lane.proxy.inject({
      matches: (call) => call.verb === 'watch' && call.resource === resource,
      fault: {
        kind: 'events',
        change: (event, send) => {
          count += 1;
          // What the operator itself has written it need not hear of.
          if (losable.has(resource) && event.type === 'MODIFIED' && count % 3 === 0) return;
          if (held) {
            send(event);
            send(held);
            send(held);
            held = undefined;
          } else {
            held = event;
            setTimeout(() => {
              if (held !== event) return;
              held = undefined;
              send(event);
            }, 300);
          }
        },
      },
    });
  }
  await liveThrough(lane);
  expect(count).toBeGreaterThan(40);
});

test.concurrent('an operator that starts with lists of long ago deletes and moves nothing', async () => {
  const lane = await newLane('stale');
  await createBoth(lane);
  await settled(lane, { streams: 6, pools: 1 });
  const lists = await listsNow(lane);
  await moveSports(lane, 'b');
  await settled(lane, { streams: 6, pools: 2 });
  await lane.create('weather', { streams: streamsOf('weather') });
  await settled(lane, { streams: 9, pools: 2 });
  await lane.operator.stop('SIGKILL');
  const state = await managedState(bed.plane, lane.namespace);
  const { moves, longestUnowned } = lane.ledger;

  for (const [key, body] of lists) {
    lane.proxy.inject({
      matches: (call) => call.verb === 'list' && keyOf(call) === key,
      fault: { kind: 'answer', status: 200, body },
      times: 1,
    });
  }
  // What has happened since is told late, so that there is time for mistakes.
  const release = lane.proxy.inject({
    matches: ({ verb }) => verb === 'watch',
    fault: { kind: 'events', change: (event, send) => setTimeout(send, 3_000, event) },
  });
  await (await lane.start()).leads();
  await sleep(6_000);
  release();
  // Of what comes late some comes first: a move may have been begun, and is taken back before any owner changes.
  await eventually('all is as it was', async () =>
    isDeepStrictEqual(await managedState(bed.plane, lane.namespace), state),
  );
  expect(lane.ledger.longestUnowned).toBe(longestUnowned);
  expectNoHarm(lane, moves);
});

test.concurrent('one list of long ago beside others of now deletes and moves nothing', async () => {
  const lane = await newLane('one-stale');
  await lane.create('news', { streams: streamsOf('news') });
  await settled(lane, { streams: 3, pools: 1 });
  const lists = await listsNow(lane);
  await lane.create('sports', { streams: streamsOf('sports') });
  await settled(lane, { streams: 6, pools: 1 });
  await moveSports(lane, 'b');
  await settled(lane, { streams: 6, pools: 2 });
  const { moves } = lane.ledger;
  const state = await managedState(bed.plane, lane.namespace);
  for (const [key, body] of lists) {
    await lane.operator.stop('SIGKILL');
    const before = { moves: lane.ledger.moves, writes: lane.ledger.writes };
    const stale = lane.proxy.inject({
      matches: (call) => call.verb === 'list' && keyOf(call) === key,
      fault: { kind: 'answer', status: 200, body },
      times: 1,
    });
    const late = lane.proxy.inject({
      matches: ({ verb }) => verb === 'watch',
      fault: { kind: 'events', change: (event, send) => setTimeout(send, 1_500, event) },
    });
    await (await lane.start()).leads();
    await sleep(3_000);
    stale();
    late();
    expect({ moves: lane.ledger.moves, writes: lane.ledger.writes, key }).toEqual({ ...before, key });
    expect(await managedState(bed.plane, lane.namespace), key).toEqual(state);
  }
  expectNoHarm(lane, moves);
});
