import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { shardApiVersion } from '../../../crds/assignment.ts';
import { type PolledShard, ShardReports } from '../../../operator/shards/shard-reports.ts';
import { simulatedReport } from '../../integration/cluster/simulated-report.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => vi.useRealTimers());

/** ms until a question to an address that nobody has any more is given up. */
const timeout = 5_000;

function shard(name: string, answers: boolean): PolledShard {
  const assignment = { apiVersion: shardApiVersion, kind: 'Assignment', generation: 1 } as const;
  const report = simulatedReport(
    { ...assignment, shard: name, monitors: {}, streams: [] },
    { bootId: name, startedAt: 0, since: new Map() },
    () => ({}),
    0,
  );
  const json = async () => {
    if (answers) return report;
    await new Promise((resolve) => setTimeout(resolve, timeout));
    return undefined;
  };
  return { key: name, name, urgent: false, client: { json: json as PolledShard['client']['json'] } };
}

test('shards that answer are asked as often as ever while many do not', async () => {
  const well = Array.from({ length: 20 }, (_, index) => shard(`well-${index}`, true));
  const gone = Array.from({ length: 100 }, (_, index) => shard(`gone-${index}`, false));
  const reports = new ShardReports({
    shards: () => [...gone, ...well],
    exists: () => true,
    onReport: () => {},
    logger: pino({ level: 'silent' }),
  });
  reports.start();
  // Until each of those that are gone has been asked once.
  await vi.advanceTimersByTimeAsync(30_000);
  let longest = 0;
  for (let second = 0; second < 30; second++) {
    await vi.advanceTimersByTimeAsync(1_000);
    longest = Math.max(longest, ...well.map(({ key }) => reports.silence(key)));
  }
  reports.stop();
  expect(longest).toBeLessThan(6);
  expect(reports.silence('gone-0')).toBeGreaterThan(55);
});
