import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { OperatorMetrics } from '../../operator/metrics/operator-metrics.ts';

it('metrics of the operator pass promtool check metrics', async () => {
  const stats = { reconnects: { idle: 1 }, relists: { expired: 1 } };
  const metrics = new OperatorMetrics({
    version: '1.2.3',
    region: 'north',
    sources: {
      queues: () => ({ placement: { depth: 1 } }),
      watches: () => ({ pods: { lastEventAge: 1, stats } }),
      eventsDropped: () => 0,
    },
  });
  metrics.apiCalled({ verb: 'list', resource: 'pods', code: '200', seconds: 0.1 });
  metrics.reconciled('placement', 'success', 0.1);
  metrics.planned('live', {
    planSeconds: 0.02,
    moveCauses: ['New'],
    shards: [{ pool: 'smon-1', health: 'Ready', planned: 250, capacity: 2000 }],
    haltedPools: [],
    placed: 1,
    waiting: 0,
    shed: 0,
  });
  const input = await metrics.registry.metrics();

  const checked = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
  if (checked.error) {
    throw new Error('promtool is not on the PATH; `make test` fetches it (Debian package prometheus)', {
      cause: checked.error,
    });
  }
  expect(checked.stdout + checked.stderr).toBe('');
  expect(checked.status).toBe(0);
});
