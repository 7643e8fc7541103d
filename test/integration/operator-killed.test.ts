import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CutPoint } from './cluster/fault-proxy.ts';
import { FakeCluster } from './fake-cluster.ts';
import { createBoth } from './lane-scenario.ts';
import { type ManagedState, managedState } from './managed-state.ts';
import { type OperatorLane, startLane } from './operator-lane.ts';
import { eventually } from './run-process.ts';

let bed: FakeCluster;

beforeAll(async () => {
  bed = await FakeCluster.start();
});
afterAll(() => bed?.stop());

/** Shards hold four streams: the first one is shared by both StreamMonitors, the second one has the rest. */
const steps = {
  create: createBoth,
  detectors: (lane: OperatorLane) =>
    lane.change('news', { detectors: { freeze: { minDuration: '7s' }, black: { enabled: false } } }),
  delete: (lane: OperatorLane) => lane.delete('sports'),
  deleteLast: (lane: OperatorLane) => lane.delete('news'),
  moveAway: (lane: OperatorLane) => lane.change('sports', { podTemplate: { annotations: { team: 'b' } } }),
  moveBack: (lane: OperatorLane) => lane.change('sports', { podTemplate: null }),
};
type Step = keyof typeof steps;

/** What an operator that nobody disturbs makes of each step, and with how many writes. */
const undisturbed = new Map<Step, { readonly state: ManagedState; readonly writes: number }>();

async function newLane(name: string): Promise<OperatorLane> {
  const lane = await startLane(bed.plane, name, { atEnd: bed.atEnd });
  await lane.lead();
  return lane;
}

test('an operator that nobody disturbs', async () => {
  const lane = await newLane('undisturbed');
  for (const step of ['create', 'moveAway', 'moveBack', 'detectors', 'delete', 'deleteLast'] as const) {
    const before = lane.writes.length;
    await steps[step](lane);
    await sleep(500);
    for (let last = -1; last !== lane.writes.length; await sleep(1_500)) last = lane.writes.length;
    const state = await managedState(bed.plane, lane.namespace);
    undisturbed.set(step, { state, writes: lane.writes.length - before });
  }
  const stateAfter = (step: Step) => undisturbed.get(step)!.state;
  expect(Object.keys(stateAfter('create').deployments)).toHaveLength(2);
  expect(Object.keys(stateAfter('moveAway').budgets)).toHaveLength(2);
  expect(stateAfter('moveBack')).toEqual(stateAfter('create'));
  expect(stateAfter('deleteLast')).toEqual({ assignments: {}, deployments: {}, budgets: {}, walls: {} });
  // Three streams went away, and back.
  expect(lane.ledger).toMatchObject({ doubles: [], moves: 6 });
});

interface Disturbed {
  readonly step: Step;
  readonly point: CutPoint;
  readonly k: number;
  /** From the kill until all is as it should be, in ms. */
  readonly recovery: number;
}

/**
 * Kills the operator in a step, starts it again, and waits until all is as if nobody had disturbed it.
 * @returns `undefined` where the step had fewer writes
 */
async function disturb(
  lane: OperatorLane,
  step: Step,
  k: number,
  point: CutPoint,
): Promise<Disturbed | undefined> {
  const where = `${step}, killed ${point} write ${k} in ${lane.namespace}`;
  const { state } = undisturbed.get(step)!;
  lane.killAtWrite(k, point);
  await steps[step](lane);
  const deadline = performance.now() + 60_000;
  let killedAt: number | undefined;
  for (;;) {
    if (killedAt === undefined && !lane.proxy.isCutPending) {
      await lane.operator.exitCode();
      killedAt = performance.now();
      // The proxy closes its connections once the operator is dead.
      await sleep(10);
      await lane.restart();
    }
    // Also with the last write of all, after which nothing is left to do.
    if ((await isDone(lane, state, killedAt !== undefined)) && (killedAt ?? lane.proxy.isCutPending)) break;
    if (performance.now() > deadline) {
      expect({ ...(await managedState(bed.plane, lane.namespace)), where }).toEqual({ ...state, where });
      expect(lane.statuses, where).toEqual({});
    }
    await sleep(200);
  }
  if (killedAt === undefined) lane.proxy.mend();
  expect(lane.ledger.doubles, where).toEqual([]);
  if (step === 'delete') lane.ledger.forget(`${lane.namespace}/sports`);
  if (step === 'deleteLast') lane.ledger.forget(`${lane.namespace}/news`);
  return killedAt === undefined ? undefined : { step, point, k, recovery: performance.now() - killedAt };
}

/** Asks the server last, as that costs most. */
async function isDone(lane: OperatorLane, state: ManagedState, statusToo: boolean): Promise<boolean> {
  const { assignments } = lane.ledger;
  if (assignments.length !== Object.keys(state.assignments).length) return false;
  const streams = assignments.flatMap((assignment) => assignment.streams);
  if (streams.some(({ role, adopt }) => role !== 'owner' || adopt !== undefined)) return false;
  if (statusToo && !lane.isStatusCurrent) return false;
  return isDeepStrictEqual(await managedState(bed.plane, lane.namespace), state);
}

/** Where in a round of steps the operator is killed at its k-th write. */
type Round = readonly { readonly step: Step; readonly point: CutPoint }[];

/** Hands out k = 1, 2, … until no step of the round has a k-th write. */
class Kills {
  readonly round: Round;
  #k = 0;
  #isOver = false;

  constructor(round: Round) {
    this.round = round;
  }

  next(): number | undefined {
    this.#k += 1;
    return this.#isOver ? undefined : this.#k;
  }

  end(): void {
    this.#isOver = true;
  }
}

async function disturbAll(lane: OperatorLane, kills: Kills): Promise<Disturbed[]> {
  const all: Disturbed[] = [];
  for (let k = kills.next(); k !== undefined; k = kills.next()) {
    const before = all.length;
    for (const { step, point } of kills.round) {
      const disturbed = await disturb(lane, step, k, point);
      if (disturbed) all.push(disturbed);
    }
    if (all.length === before) kills.end();
  }
  return all;
}

function isWell(lane: OperatorLane): boolean {
  const well = { streams: 3, monitored: 3, defects: 0, Ready: 'True', Progressing: 'False', isCurrent: true };
  return Object.values(lane.statuses).every((status) =>
    isDeepStrictEqual({ ...(status as object), ...well }, status),
  );
}

function report(all: readonly Disturbed[]): void {
  for (const [step, { writes }] of undisturbed) {
    const times = all.filter((disturbed) => disturbed.step === step).map(({ recovery }) => recovery);
    const [middle = 0, longest = 0] = [0.5, 1].map((part) =>
      times.toSorted((a, b) => a - b).at(Math.ceil(times.length * part) - 1),
    );
    const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;
    console.log(
      `${step}: ${writes} writes undisturbed; ${times.length} kills, as it should be after ${seconds(middle)} (median), ${seconds(longest)} (longest)`,
    );
  }
}

test('an operator that is killed at any write goes on as if it had not been', async () => {
  // To be killed before write k + 1 leaves the server as being killed after write k does: one of both is enough.
  const steady = new Kills([
    { step: 'create', point: 'after' },
    { step: 'detectors', point: 'before' },
    { step: 'delete', point: 'after' },
    { step: 'deleteLast', point: 'before' },
  ]);
  const moving = new Kills([
    { step: 'moveAway', point: 'after' },
    { step: 'moveBack', point: 'before' },
  ]);
  const lanes = [
    ...['steady-a', 'steady-b', 'steady-c'].map(async (name) => {
      const lane = await newLane(name);
      const all = await disturbAll(lane, steady);
      return { lane, all };
    }),
    ...['moving-a', 'moving-b', 'moving-c', 'moving-d'].map(async (name) => {
      const lane = await newLane(name);
      await disturb(lane, 'create', Number.POSITIVE_INFINITY, 'before');
      const all = await disturbAll(lane, moving);
      await eventually('every status says that all is well', () => isWell(lane));
      return { lane, all };
    }),
  ];
  const disturbed = await Promise.all(lanes);
  for (const { operators, ledger } of disturbed.map(({ lane }) => lane)) {
    expect(operators.flatMap(({ refusals }) => refusals)).toEqual([]);
    expect(operators.flatMap(({ texts }) => texts)).toEqual([]);
    expect(ledger.doubles).toEqual([]);
  }
  const all = disturbed.flatMap((lane) => lane.all);
  // Writes that go out side by side come in any order, and some in one more or less.
  for (const step of ['create', 'detectors', 'moveAway', 'moveBack', 'delete'] as const) {
    const { length } = all.filter((killed) => killed.step === step);
    expect(length, step).toBeGreaterThanOrEqual(undisturbed.get(step)!.writes / 2);
  }
  report(all);
}, 400_000);
