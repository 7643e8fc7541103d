import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { LiveCluster } from './live-cluster.ts';
import { watchFreeze } from './watched-freeze.ts';

let live: LiveCluster;

beforeAll(async () => {
  live = await LiveCluster.start();
});
afterAll(() => live?.stop());

test('a move goes on wherever the operator is killed', { timeout: 200_000 }, async () => {
  await live.startOperator();
  const { there, picture, id, streams } = await watchFreeze(live, 'restarted', {}, onTestFinished);
  const roles = (name: string) =>
    there.placed
      .filter(({ stream }) => stream.name === name)
      .map(({ stream }) => `${stream.role}${stream.adopt ? ' adopts' : ''}`)
      .sort()
      .join(', ');
  const phases = ['owner, warming', 'demoted, warming', 'demoted, owner adopts'];
  let revision = 1;
  for (const phase of phases) {
    const before = new Set(there.owners.values());
    await there.write({ streams, podTemplate: { annotations: { revision: String(++revision) } } });
    await live.history.when(`phase "${phase}"`, () => roles('freezing') === phase, 60);
    await live.operator.stop('SIGKILL');
    expect(roles('freezing')).toBe(phase);
    await live.startOperator();
    await there.settled(`after "${phase}"`, 1, (shard) => !before.has(shard));
  }
  picture.freeze(false);
  await there.toldOf('closed');
  expect(there.summary()).toEqual({ changes: ['opened', 'closed'], ids: [id], repetitions: 0 });
});

test('no pair ever had two owners, and no operator was refused anything', () => {
  expect(live.history.conflicts).toEqual([]);
  expect(live.refusals).toEqual([]);
});
