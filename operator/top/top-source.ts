import { parseShardReport, type ShardReport } from '../../crds/shard-report.ts';
import type { ReadCluster } from '../commands/cluster.ts';
import { askShards, clusterState, factsOf } from '../explain/cluster-facts.ts';
import { explain } from '../explain/explanation.ts';
import { ShardClient } from '../shards/shard-client.ts';
import { type TopStream, topOfMonitor, topOfReports } from './top-stream.ts';

/** Where `top` reads. */
export interface TopSource {
  /** How all streams are now. @throws Error that says what cannot be read, and the fix */
  read(): Promise<readonly TopStream[]>;
  close(): Promise<void>;
}

/** A shard, or all of a `run`, by the address of its page. */
export function urlSource(url: string): TopSource {
  const client = new ShardClient({ origin: url.replace(/\/$/, '') });
  let before = new Map<string, ShardReport>();
  return {
    async read() {
      const answer = await client.json<{ readonly shards?: unknown[] }>('/report');
      if (answer === undefined) {
        throw new Error(
          `${url} does not answer with a report: give the address of the page of run or of a shard`,
        );
      }
      const reports = (answer.shards ?? [answer]).map(parseShardReport);
      const streams = topOfReports(reports, before);
      before = byBoot(reports);
      return streams;
    },
    close: () => client.close(),
  };
}

/** The StreamMonitors of a namespace, or of all where there is none. */
export function clusterSource(cluster: ReadCluster, namespace: string | undefined): TopSource {
  let before = new Map<string, ShardReport>();
  return {
    async read() {
      const state = await clusterState(cluster.client, namespace);
      const answers = await askShards(state, state.sources, cluster.reports);
      const now = Date.now();
      const streams = state.sources.flatMap((source) =>
        topOfMonitor(explain({ ...factsOf(state, source, answers, now), before })),
      );
      before = byBoot([...answers.values()].flatMap((answer) => ('report' in answer ? [answer.report] : [])));
      return streams;
    },
    close: () => cluster.close(),
  };
}

function byBoot(reports: readonly ShardReport[]): Map<string, ShardReport> {
  return new Map(reports.map((report) => [report.bootId, report]));
}
