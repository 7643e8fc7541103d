import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { detectorCatalogue } from '../../crds/detector-catalogue.ts';
import { ShardMetrics } from '../../monitor/metrics/shard-metrics.ts';

describe('metrics', () => {
  it('pass promtool check metrics', async () => {
    const detectors = Object.values(detectorCatalogue);
    const metrics = new ShardMetrics({ detectors, version: '1.2.3', region: 'north' });
    const identity = { namespace: 'live', monitor: 'sports', stream: 'channel-1' };
    metrics.addStream(identity, detectors);
    metrics.consume(identity, {
      type: 'measurement',
      measurement: { name: 'av_offset_seconds', value: 0.04 },
    });
    const since = new Date().toISOString();
    metrics.consume(identity, {
      type: 'state',
      state: { phase: 'Up', reason: 'Receiving', message: '', since },
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
});
