import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiCall } from './cluster/api-call.ts';
import { FakeCluster } from './fake-cluster.ts';
import { createBoth, expectNoHarm, liveThrough, moveSports, settled } from './lane-scenario.ts';
import { isWriteOfPlan, type OperatorLane, startLane } from './operator-lane.ts';
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

test.concurrent('the first write of each object meets a conflict', async () => {
  const lane = await newLane('conflicts');
  const met = new Set<string>();
  lane.proxy.inject({
    matches: (call) => {
      if (!isWriteOfPlan(call) || call.verb === 'delete') return false;
      const name = call.name ?? (JSON.parse(call.body) as { metadata: { name: string } }).metadata.name;
      const key = `${call.verb} ${call.resource} ${name}`;
      if (met.has(key)) return false;
      met.add(key);
      return true;
    },
    fault: { kind: 'answer', status: 409 },
  });
  await liveThrough(lane);
  expect(met.size).toBeGreaterThan(12);
});

test.concurrent('a server that asks for a pause gets it', async () => {
  const lane = await newLane('throttled');
  await createBoth(lane);
  await settled(lane, { streams: 6, pools: 1 });
  const times: number[] = [];
  lane.proxy.inject({
    matches: (call) => {
      if (!isWriteOfPlan(call)) return false;
      times.push(performance.now());
      return times.length === 1 || times.length === 4;
    },
    fault: { kind: 'answer', status: 429, retryAfter: 3 },
  });
  await moveSports(lane, 'b');
  await settled(lane, { streams: 6, pools: 2 });
  // Nothing at all was sent between the refusal and the end of the pause, but for what was on its way already.
  const onItsWay = 250;
  for (const refused of [times[0]!, times[3]!]) {
    const sent = times.map((time) => time - refused).filter((since) => since > onItsWay && since < 2_950);
    expect(sent).toEqual([]);
  }
  expectNoHarm(lane, 3);
});

test.concurrent('storms of errors, some of which were carried out', async () => {
  const lane = await newLane('storms');
  await createBoth(lane);
  await settled(lane, { streams: 6, pools: 1 });
  const isMet = ({ resource }: ApiCall) => resource !== 'leases';
  const calm = [
    lane.proxy.inject({
      matches: (call) => isMet(call) && call.isWrite && call.number % 2 === 0,
      fault: { kind: 'answer', status: 500, reaches: true },
    }),
    lane.proxy.inject({
      matches: (call) => isMet(call) && call.isWrite && call.number % 3 === 0,
      fault: { kind: 'cut', reaches: true },
    }),
    lane.proxy.inject({ matches: isMet, fault: { kind: 'answer', status: 503 } }),
  ];
  lane.proxy.sever();
  lane.proxy.mend();
  await moveSports(lane, 'b');
  await sleep(8_000);
  for (const remove of calm) remove();
  const calmAt = performance.now();
  await settled(lane, { streams: 6, pools: 2 });
  console.log(`storm: settled ${((performance.now() - calmAt) / 1000).toFixed(1)} s after its end`);
  expectNoHarm(lane, 3);
});

test.concurrent('every call takes two seconds longer', async () => {
  const lane = await newLane('slow');
  await createBoth(lane);
  lane.proxy.inject({ matches: () => true, fault: { kind: 'delay', milliseconds: 2_000 } });
  await settled(lane, { streams: 6, pools: 1 }, 90);
  const start = performance.now();
  await moveSports(lane, 'b');
  await settled(lane, { streams: 6, pools: 2 }, 90);
  console.log(
    `calls of 2 s: three streams have moved after ${((performance.now() - start) / 1000).toFixed(1)} s`,
  );
  expectNoHarm(lane, 3);
});

test('the API server ends in the middle of a move', async () => {
  const lane = await newLane('restart');
  await createBoth(lane);
  await settled(lane, { streams: 6, pools: 1 });
  await moveSports(lane, 'b');
  const roles = () => lane.ledger.assignments.flatMap(({ streams }) => streams.map(({ role }) => role));
  await eventually('the streams are on their way', () => roles().includes('warming'));
  await bed.plane.restartApiServer();
  const start = performance.now();
  await settled(lane, { streams: 6, pools: 2 });
  console.log(`API server back: settled ${((performance.now() - start) / 1000).toFixed(1)} s later`);
  expectNoHarm(lane, 3);
});
