import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiCall } from './cluster/api-call.ts';
import { type FaultProxy, startFaultProxy } from './cluster/fault-proxy.ts';
import { FakeCluster } from './fake-cluster.ts';
import { managedState } from './managed-state.ts';
import { isWriteOfPlan, type OperatorLane, startLane } from './operator-lane.ts';
import type { OperatorProcess } from './operator-process.ts';
import { eventually } from './run-process.ts';

let bed: FakeCluster;

beforeAll(async () => {
  bed = await FakeCluster.start();
});
afterAll(() => bed?.stop());

/** Longest that a standby waits: the lease of 30 s from when it was last seen to change, and until its next look. */
const takeover = 45;

/** A leader and a standby, each with a proxy of its own. */
interface Pair {
  readonly lane: OperatorLane;
  readonly leader: OperatorProcess;
  readonly standby: OperatorProcess;
  readonly standbyProxy: FaultProxy;
}

async function startPair(namespace: string): Promise<Pair> {
  const lane = await startLane(bed.plane, namespace, { atEnd: bed.atEnd });
  const standbyProxy = await startFaultProxy(bed.plane);
  bed.atEnd(() => standbyProxy.stop());
  const leader = await lane.lead();
  const standby = await lane.start('operator-1', standbyProxy);
  await standby.log('who leads');
  return { lane, leader, standby, standbyProxy };
}

function streamsOf(count: number): { name: string; url: string }[] {
  return Array.from({ length: count }, (_, n) => ({
    name: `s${n}`,
    url: `https://origin.example/${n}.m3u8`,
  }));
}

async function areOwned(lane: OperatorLane, count: number, seconds = 20): Promise<void> {
  await eventually(`${count} streams have an owner`, () => lane.ledger.owned.length === count, seconds);
}

async function isReadable(lane: OperatorLane): Promise<boolean> {
  const { assignments, deployments } = await managedState(bed.plane, lane.namespace);
  return Object.keys(assignments).join() === Object.keys(deployments).join();
}

const planWrites = (proxy: FaultProxy): ApiCall[] => proxy.calls.filter(isWriteOfPlan);

test.concurrent('a standby goes on where the leader was killed, and moves nothing', async () => {
  const { lane, leader, standby, standbyProxy } = await startPair('killed');
  await lane.create('news', { streams: streamsOf(6) });
  await areOwned(lane, 6);
  await eventually('all is written', () => isReadable(lane));
  const before = lane.ledger.writes;

  await leader.stop('SIGKILL');
  const killedAt = performance.now();
  await lane.change('news', { detectors: { freeze: { minDuration: '9s' } } });
  await eventually('the standby writes', () => planWrites(standbyProxy).length > 0, takeover);
  const seconds = (performance.now() - killedAt) / 1000;
  console.log(`standby: first write ${seconds.toFixed(1)} s after the leader was killed`);
  await eventually('both shards hear of the change', () => lane.ledger.writes === before + 2);
  expect(lane.ledger).toMatchObject({ doubles: [], moves: 0, longestUnowned: 0 });
  expect(lane.ledger.owned).toHaveLength(6);
  expect(standby.refusals).toEqual([]);
});

test.concurrent('a leader that cannot reach the lease alone ends before another writes', async () => {
  const { lane, leader, standby, standbyProxy } = await startPair('cut-off');
  await lane.create('news', { streams: streamsOf(1) });
  await areOwned(lane, 1);

  let lastWrite = 0;
  let firstWrite = 0;
  const note = (proxy: FaultProxy, tell: (at: number) => void) =>
    proxy.inject({
      matches: (call) => {
        if (isWriteOfPlan(call)) tell(performance.now());
        return false;
      },
      fault: { kind: 'hang' },
    });
  note(lane.proxy, (at) => {
    lastWrite = at;
  });
  note(standbyProxy, (at) => {
    firstWrite ||= at;
  });
  lane.proxy.inject({ matches: ({ resource }) => resource === 'leases', fault: { kind: 'hang' } });
  // There is always something to write, for whoever believes to lead.
  let count = 1;
  const growing = setInterval(() => {
    count += 1;
    lane.change('news', { streams: streamsOf(count) }).catch(() => {});
  }, 500);
  try {
    await eventually('the standby writes', () => firstWrite > 0, takeover);
  } finally {
    clearInterval(growing);
  }
  expect(await leader.exitCode()).toBe(1);
  expect(leader.logs).toContainEqual(expect.objectContaining({ msg: 'lost the lead; the process ends' }));
  expect(lastWrite).toBeGreaterThan(0);
  expect(lastWrite).toBeLessThan(firstWrite);
  console.log(`cut off from the lease: nobody writes for ${((firstWrite - lastWrite) / 1000).toFixed(1)} s`);
  await areOwned(lane, count);
  expect(lane.ledger).toMatchObject({ doubles: [], moves: 0 });
  expect(standby.refusals).toEqual([]);
});

test.concurrent('a leader that was asleep for longer than its lease wakes up and writes nothing', async () => {
  const { lane, leader, standby } = await startPair('asleep');
  // It falls asleep in the middle of its work: what it waits for comes while it sleeps, and the next writes are due.
  lane.proxy.inject({
    matches: ({ resource, isWrite }) => resource === 'poddisruptionbudgets' && isWrite,
    fault: { kind: 'delay', milliseconds: 2_000 },
    times: 1,
  });
  await lane.create('news', { streams: streamsOf(6) });
  await eventually('the leader is at work', () =>
    planWrites(lane.proxy).some(({ resource }) => resource === 'poddisruptionbudgets'),
  );
  leader.kill('SIGSTOP');
  await standby.leads(takeover);
  await eventually('the standby brings it to its end', () => isReadable(lane));
  // Meanwhile the world moves on: what the sleeper was about to write is of a shard that is no longer there.
  await lane.change('news', { podTemplate: { annotations: { team: 'b' } } });
  await eventually('the streams have moved', () => lane.ledger.moves === 6);
  await eventually('the old shards are gone', async () => {
    const { budgets } = await managedState(bed.plane, lane.namespace);
    return Object.keys(budgets).length === 1 && (await isReadable(lane));
  });
  const state = await managedState(bed.plane, lane.namespace);
  const written = planWrites(lane.proxy).length;

  leader.kill('SIGCONT');
  expect(await leader.exitCode()).toBe(1);
  expect(planWrites(lane.proxy).slice(written)).toEqual([]);
  expect(await managedState(bed.plane, lane.namespace)).toEqual(state);
  expect(lane.ledger.doubles).toEqual([]);
  expect(lane.ledger.owned).toHaveLength(6);
});
