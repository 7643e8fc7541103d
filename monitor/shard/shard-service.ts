import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Assignment } from '../../crds/assignment.ts';
import { loadPageAssets } from '../../crds/page-assets.ts';
import { ShardMetrics } from '../metrics/shard-metrics.ts';
import { Notifier } from '../notifications/notifier.ts';
import type { ListenAddress } from '../server/listen-address.ts';
import { createServer } from '../server/server.ts';
import { Thumbnails } from '../server/thumbnails.ts';
import { WallState } from '../server/wall-state.ts';
import type { DeliveryOutcome } from '../spool/delivery.ts';
import { Spool } from '../spool/spool.ts';
import { loadDetectors } from '../watch/detector-registry.ts';
import { AssignmentFile } from './assignment-file.ts';
import { MountedSecrets } from './mounted-secrets.ts';
import { OpenIncidents } from './open-incidents.ts';
import { Shard, type ShardSink } from './shard.ts';

export interface ShardServiceOptions {
  readonly assignmentPath: string;
  readonly stateDirectory: string;
  readonly listen: ListenAddress;
  readonly secretsDirectory?: string;
  /** Where results go of StreamMonitors that name no bucket. */
  readonly resultsDirectory?: string;
  readonly allowedRanges: readonly string[];
  readonly spoolBytes: number;
  readonly logger: Logger;
}

export interface ShardService {
  /** Ends in order: open incidents stay for the next process, deliveries get a few seconds, the rest stays spooled. */
  stop(): Promise<void>;
}

/** Time for deliveries when the process is asked to end, in seconds. */
const drainSeconds = 5;

/** Starts one shard's process: its streams, and everything that hears of them. */
export async function startShardService(options: ShardServiceOptions): Promise<ShardService> {
  const { stateDirectory, logger } = options;
  mkdirSync(stateDirectory, { recursive: true });
  const secrets = new MountedSecrets(options.secretsDirectory);
  const spool = new Spool({
    directory: join(stateDirectory, 'spool'),
    maximumBytes: options.spoolBytes,
    logger,
  });
  const detectors = [...(await loadDetectors()).values()].map(({ manifest }) => manifest);
  const metrics = new ShardMetrics({ detectors, version: packageVersion(), spoolBytes: () => spool.bytes });
  const dropped = { notifications: 0, results: 0 };
  const onOutcome = (outcome: DeliveryOutcome) => {
    metrics.delivered(outcome);
    if (outcome.outcome === 'dropped') dropped[outcome.sink === 'webhook' ? 'notifications' : 'results']++;
  };
  const notifier = new Notifier({ spool, secrets, logger, onOutcome });
  const wall = new WallState();
  const thumbnails = new Thumbnails();
  const socketDirectory = mkdtempSync(join(tmpdir(), 'streammonitor-'));
  const shard = new Shard({
    secrets,
    openIncidents: new OpenIncidents(stateDirectory),
    allowedRanges: options.allowedRanges,
    socketDirectory,
    sinks: [notifying(notifier), measuring(metrics), showing(wall, thumbnails)],
    onAssignment: (assignment: Assignment) => notifier.configure(assignment.monitors),
    logger,
  });
  const assignment = new AssignmentFile(options.assignmentPath, (document) => shard.apply(document), logger);
  const server = await createServer({
    metrics: metrics.registry,
    report: () => ({
      ...shard.report(),
      spoolBytes: spool.bytes,
      dropped: { ...dropped },
      ...(assignment.error !== undefined && { assignmentError: assignment.error }),
    }),
    wall: () => wall.wall(Date.now()),
    thumbnail: (identity) => thumbnails.get(identity),
    evidence: async () => undefined,
    notReady: () => (shard.assignment ? undefined : (assignment.error ?? 'no assignment yet')),
    assets: loadPageAssets(),
    logger,
  });
  await server.listen(options.listen);
  await assignment.follow();
  return {
    stop: async () => {
      assignment.close();
      await shard.close();
      await notifier.drain(drainSeconds);
      await notifier.close();
      await server.close();
      rmSync(socketDirectory, { recursive: true, force: true });
    },
  };
}

function notifying(notifier: Notifier): ShardSink {
  return { handle: (identity, event) => notifier.handle(identity, event) };
}

function measuring(metrics: ShardMetrics): ShardSink {
  return {
    addStream: ({ identity, detectors }) =>
      metrics.addStream(
        identity,
        detectors.map(({ definition }) => definition.manifest),
      ),
    removeStream: (identity) => metrics.removeStream(identity),
    handle: (identity, event) => metrics.consume(identity, event),
  };
}

function showing(wall: WallState, thumbnails: Thumbnails): ShardSink {
  return {
    addStream: ({ identity, detectors }) =>
      wall.addStream(
        identity,
        detectors.map(({ definition }) => definition.manifest),
        Date.now(),
      ),
    removeStream: (identity) => {
      wall.removeStream(identity);
      thumbnails.removeStream(identity);
    },
    handle: (identity, event) => {
      wall.consume(identity, event, Date.now());
      thumbnails.consume(identity, event);
    },
  };
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
