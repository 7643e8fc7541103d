import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Assignment } from '../../crds/assignment.ts';
import { loadPageAssets } from '../../crds/page-assets.ts';
import { Actions } from '../actions/actions.ts';
import { warmUpFfmpeg } from '../converter/ffmpeg.ts';
import { verifyPipes } from '../converter/output-pipe.ts';
import { EvidenceStore } from '../evidence/evidence-store.ts';
import { IncidentArchive } from '../evidence/incident-archive.ts';
import { ShardMetrics } from '../metrics/shard-metrics.ts';
import { CustomModules } from '../modules/custom-modules.ts';
import { Alerts } from '../notifications/alerts.ts';
import { Notifier } from '../notifications/notifier.ts';
import { ResultWriter } from '../results/result-writer.ts';
import { MountedSecrets } from '../secrets/mounted-secrets.ts';
import { incidentDetail } from '../server/incident-detail.ts';
import type { ListenAddress } from '../server/listen-address.ts';
import { createServer } from '../server/server.ts';
import { Thumbnails } from '../server/thumbnails.ts';
import { WallState } from '../server/wall-state.ts';
import type { DeliveryOutcome } from '../spool/delivery.ts';
import { Spool } from '../spool/spool.ts';
import { loadDetectors } from '../watch/detector-registry.ts';
import { AssignmentFile } from './assignment-file.ts';
import { OpenIncidents } from './open-incidents.ts';
import { Shard, type ShardSink } from './shard.ts';

export interface ShardServiceOptions {
  readonly assignmentPath: string;
  readonly stateDirectory: string;
  readonly listen: ListenAddress;
  readonly secretsDirectory?: string;
  readonly modulesDirectory?: string;
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
  warmUpFfmpeg();
  mkdirSync(stateDirectory, { recursive: true });
  const secrets = new MountedSecrets(options.secretsDirectory);
  const spool = new Spool({
    directory: join(stateDirectory, 'spool'),
    maximumBytes: options.spoolBytes,
    logger,
  });
  const detectors = [...(await loadDetectors()).values()].map(({ manifest }) => manifest);
  const metrics = new ShardMetrics({
    detectors,
    version: packageVersion(),
    spoolBytes: () => spool.bytes,
    spoolLimit: options.spoolBytes,
  });
  const dropped = { notifications: 0, results: 0 };
  const onOutcome = (outcome: DeliveryOutcome) => {
    metrics.delivered(outcome);
    const isResult = outcome.sink === 's3' || outcome.sink === 'directory';
    if (outcome.outcome === 'dropped') dropped[isResult ? 'results' : 'notifications']++;
  };
  const notifier = new Notifier({ spool, secrets, logger, onOutcome });
  const alerts = new Alerts({ spool, secrets, logger, onOutcome });
  const actions = new Actions({
    secrets,
    logger,
    onOutcome: (action, outcome) => metrics.acted(action, outcome),
  });
  const bootId = randomUUID();
  const results = new ResultWriter({ spool, stateDirectory, secrets, logger, bootId, onOutcome });
  const evidence = new EvidenceStore({ directory: join(stateDirectory, 'evidence'), logger });
  const archive = new IncidentArchive({ directory: join(stateDirectory, 'incidents'), logger });
  const wall = new WallState();
  const thumbnails = new Thumbnails();
  const pipeDirectory = mkdtempSync(join(tmpdir(), 'streammonitor-'));
  await verifyPipes(pipeDirectory);
  const modules = new CustomModules({ directory: options.modulesDirectory, logger });
  const shard = new Shard({
    bootId,
    secrets,
    modules,
    openIncidents: new OpenIncidents(stateDirectory),
    allowedRanges: options.allowedRanges,
    pipeDirectory,
    sinks: [
      delivering(notifier, results, evidence),
      alerts,
      measuring(metrics),
      showing(wall, thumbnails, archive),
      // Last, since what it does may be told of anew.
      actions,
    ],
    onAssignment: (assignment: Assignment) => {
      for (const sink of [notifier, alerts, actions]) sink.configure(assignment.monitors, assignment.region);
      metrics.declareActions(actionNames(assignment.monitors));
      results.configure(assignment);
      if (assignment.region !== undefined) metrics.registry.setDefaultLabels({ region: assignment.region });
    },
    logger,
  });
  const assignment = new AssignmentFile(options.assignmentPath, (document) => shard.apply(document), logger);
  const server = await createServer({
    metrics: metrics.registry,
    report: () => ({
      ...shard.report(),
      spoolBytes: spool.bytes + results.pendingBytes,
      dropped: { ...dropped },
      ...(assignment.error !== undefined && { assignmentError: assignment.error }),
    }),
    wall: () => wall.wall(Date.now(), shard.assignment?.region),
    tiles: (since) => wall.tiles(Date.now(), since, shard.assignment?.region),
    stream: (identity) => wall.stream(identity, Date.now()),
    incident: (id) => incidentDetail(archive, id, shard.assignment?.region),
    thumbnail: (identity) => thumbnails.get(identity),
    evidence: (name) => evidence.read(name),
    notReady: () => (shard.assignment ? undefined : (assignment.error ?? 'no assignment yet')),
    assets: loadPageAssets(),
    logger,
  });
  await server.listen(options.listen);
  await assignment.follow();
  modules.follow(() =>
    shard.applyAgain().catch((error: Error) => logger.error({ reason: error.message }, 'a module changed')),
  );
  return {
    stop: async () => {
      assignment.close();
      await shard.close();
      await modules.close();
      await Promise.all([notifier, alerts, results].map((sink) => sink.drain(drainSeconds)));
      await Promise.all([notifier, alerts, results, actions].map((sink) => sink.close()));
      await archive.close();
      await server.close();
      rmSync(pipeDirectory, { recursive: true, force: true });
    },
  };
}

/** What must not be lost: told and stored, with the picture that both wait for a little. */
function delivering(notifier: Notifier, results: ResultWriter, store: EvidenceStore): ShardSink {
  return {
    handle: (identity, event) => {
      const evidence = event.type === 'incident' && event.evidence;
      const picture = evidence ? store.add(event.incident, evidence) : undefined;
      if (event.type === 'incident' && event.handedOver) return;
      notifier.handle(identity, event, picture);
      // Receivers know an event again by its id; a record would be there twice.
      if (event.type === 'incident' && event.retold) return;
      results.handle(identity, event, picture);
    },
  };
}

function actionNames(monitors: Assignment['monitors']): ReadonlyMap<string, readonly string[]> {
  return new Map(
    Object.entries(monitors).map(([key, { actions = [] }]) => [key, actions.map(({ name }) => name)]),
  );
}

function measuring(metrics: ShardMetrics): ShardSink {
  return {
    addStream: ({ identity, detectors }) =>
      metrics.addStream(
        identity,
        detectors.map(({ definition }) => definition.manifest),
        detectors.flatMap(({ definition, module }) => (module === undefined ? [] : definition.manifest.type)),
      ),
    removeStream: (identity) => metrics.removeStream(identity),
    handle: (identity, event) => metrics.consume(identity, event),
  };
}

function showing(wall: WallState, thumbnails: Thumbnails, archive: IncidentArchive): ShardSink {
  return {
    addStream: ({ identity, detectors }) =>
      wall.addStream(
        identity,
        detectors.map(({ definition }) => definition.manifest),
        Date.now(),
        archive.closedOf(identity),
      ),
    removeStream: (identity) => {
      wall.removeStream(identity);
      thumbnails.removeStream(identity);
    },
    handle: (identity, event) => {
      if (event.type === 'incident') archive.keep(event.incident);
      wall.consume(identity, event, Date.now());
      thumbnails.consume(identity, event);
    },
  };
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
