import { pino } from 'pino';
import { secretNamesOf } from '../../crds/secret-names.ts';
import type { StreamMonitor } from '../../crds/stream-monitor.ts';
import { watchedStreams } from '../../crds/stream-renditions.ts';
import { streamMonitors } from '../controllers/cluster-caches.ts';
import { PlacementController } from '../controllers/placement-controller.ts';
import { apiVersionOf } from '../kube/resource.ts';
import { desiredMonitor, monitorKey } from '../planner/demand.ts';
import type { PoolPolicy } from '../planner/pool-policy.ts';
import { localPoolOf } from '../shards/local-pool.ts';
import type { ExplainFacts } from './explanation.ts';

/** What `run` would make of StreamMonitors if it was started with them now. */
export function fileFacts(
  monitors: readonly StreamMonitor[],
  policy: PoolPolicy,
  now: number,
): ExplainFacts[] {
  const desired = monitors.map((monitor) =>
    desiredMonitor(monitor, watchedStreams(monitor.spec.streams), localPoolOf(monitor), {}, now),
  );
  const placement = new PlacementController({
    host: nothingRuns,
    installation: {},
    policyOf: () => policy,
    drainTimeout: 0,
    logger: pino({ level: 'silent' }),
  });
  const { changed, plan } = placement.plan(desired, now);
  return monitors.map((monitor) => {
    const { metadata, spec } = monitor;
    const key = monitorKey(monitor);
    const shed = plan.shed.filter((pair) => pair.monitor === key);
    return {
      source: {
        key,
        object: { apiVersion: apiVersionOf(streamMonitors), kind: streamMonitors.kind, metadata },
        monitor,
        invalid: [],
        streams: watchedStreams(spec.streams),
        secrets: secretNamesOf(spec, spec.streams),
        listProblems: (spec.streamsFrom ?? []).map(({ configMap }) => ({
          configMap: configMap.name ?? 'by labels',
          message: 'only a cluster has ConfigMaps: write the streams into spec.streams',
        })),
      },
      assignments: changed.map(({ assignment }) => assignment),
      pods: undefined,
      shed: new Map(shed.map(({ name, reason }) => [name, reason])),
      now,
    };
  });
}

const nothingRuns = {
  shards: () => [],
  apply: () => Promise.reject(new Error('nothing is to be run')),
  remove: () => Promise.reject(new Error('nothing is to be run')),
};
