import { expect } from 'vitest';
import { managedState } from './managed-state.ts';
import type { OperatorLane } from './operator-lane.ts';
import { eventually } from './run-process.ts';

/** Three streams that go by the name. */
export function streamsOf(name: string): { name: string; url: string }[] {
  return [1, 2, 3].map((n) => ({ name: `${name}-${n}`, url: `https://origin.example/${name}-${n}.m3u8` }));
}

/** Two StreamMonitors of three streams each: `news` and `sports`. */
export async function createBoth(lane: OperatorLane): Promise<void> {
  await lane.create('news', { streams: streamsOf('news') });
  await lane.create('sports', { streams: streamsOf('sports') });
}

/** Gives the pods of `sports` another shape, so that its streams go to shards of another pool. */
export const moveSports = (lane: OperatorLane, team: string) =>
  lane.change('sports', { podTemplate: { annotations: { team } } });

/** Waits until every stream has its one owner and each shard and pool what belongs to it, and nothing is left over. */
export async function settled(
  lane: OperatorLane,
  { streams, pools }: { streams: number; pools: number },
  seconds = 60,
): Promise<void> {
  const isSettled = async () => {
    const { assignments, deployments, budgets, walls } = await managedState(lane.cluster, lane.namespace);
    // The ledger follows a watch, and may not have been told yet of what is there.
    if (Object.keys(assignments).length !== lane.ledger.assignments.length) return false;
    const entries = lane.ledger.assignments.flatMap((assignment) => assignment.streams);
    if (lane.ledger.assignments.some((assignment) => assignment.streams.length === 0)) return false;
    if (entries.length !== streams || lane.ledger.owned.length !== streams) return false;
    if (entries.some(({ role, adopt }) => role !== 'owner' || adopt !== undefined)) return false;
    const names = (objects: object) => Object.keys(objects).join();
    return (
      Object.keys(budgets).length === pools &&
      names(assignments) === names(deployments) &&
      names(budgets) === names(walls)
    );
  };
  const what = `${streams} streams in ${pools} pools of ${lane.namespace}`;
  try {
    await eventually(what, isSettled, seconds);
  } catch (error) {
    const state = await managedState(lane.cluster, lane.namespace);
    throw new Error(
      `${(error as Error).message}: ${JSON.stringify({ state, said: lane.operator.warnings.slice(-20) })}`,
    );
  }
}

/** What has to hold in every case. */
export function expectNoHarm(lane: OperatorLane, moves: number): void {
  expect(lane.ledger).toMatchObject({ doubles: [], moves });
  expect(lane.operators.flatMap(({ texts }) => texts)).toEqual([]);
  // An API server that starts refuses everybody until it has read who may do what.
  if (lane.namespace !== 'restart') {
    expect(lane.operators.flatMap(({ refusals }) => refusals)).toEqual([]);
  }
}

/** Two StreamMonitors come, one changes, its streams move, and it goes. */
export async function liveThrough(lane: OperatorLane): Promise<void> {
  await createBoth(lane);
  await settled(lane, { streams: 6, pools: 1 });
  await lane.change('news', { detectors: { freeze: { minDuration: '7s' } } });
  await moveSports(lane, 'b');
  await settled(lane, { streams: 6, pools: 2 });
  await lane.delete('sports');
  await settled(lane, { streams: 3, pools: 1 });
  await eventually('the change is told', () =>
    lane.ledger.assignments.every(({ monitors }) =>
      Object.values(monitors).every(({ detectors }) => detectors.freeze?.minDuration === 7),
    ),
  );
  expectNoHarm(lane, 3);
}
