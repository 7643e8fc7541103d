import { mkdir } from 'node:fs/promises';
import type { AddressInfo, Server } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { loadPageAssets } from '../../crds/page-assets.ts';
import type { StreamMonitor } from '../../crds/stream-monitor.ts';
import { parseStreamMonitors, StreamMonitorFileError } from '../../crds/stream-monitor-file.ts';
import { watchedStreams } from '../../crds/stream-renditions.ts';
import { PlacementController, type PlacementStep } from '../controllers/placement-controller.ts';
import { WorkQueue } from '../kube/work-queue.ts';
import { desiredMonitor } from '../planner/demand.ts';
import type { PoolPolicy } from '../planner/pool-policy.ts';
import { nextWindowChange } from '../planner/watch-window.ts';
import type { Pool } from '../server/pool.ts';
import { poolServer } from '../server/pool-server.ts';
import { LocalShards } from '../shards/local.ts';
import { localPoolOf } from '../shards/local-pool.ts';
import { browserAddress, type ListenAddress } from './listen-address.ts';
import { lockState } from './state-lock.ts';
import { WatchedFile } from './watched-file.ts';

export interface LocalRunOptions {
  readonly file: string;
  /** How the file is called in messages. */
  readonly fileName: string;
  /** Its content at the start. */
  readonly text: string;
  readonly listen: ListenAddress;
  readonly stateDirectory: string;
  readonly secretsDirectory?: string;
  readonly modulesDirectory?: string;
  readonly resultsDirectory?: string;
  readonly region?: string;
  readonly allowedRanges: readonly string[];
  readonly policy: PoolPolicy;
  readonly logLevel: string;
  readonly logger: Logger;
}

/** Longest that a shard without streams goes on trying to deliver, in seconds. */
const drainTimeout = 3600;
/** Plans are made anew this often without a reason, in ms: costs are learned all the time. */
const planInterval = 10_000;
const planKey = 'plan';

/** A file of StreamMonitors that is being watched on this machine. */
export class LocalRun {
  readonly #options: LocalRunOptions;
  readonly #lock: Server;
  readonly #shards: LocalShards;
  readonly #placement: PlacementController;
  readonly #queue: WorkQueue;
  #monitors: readonly StreamMonitor[];
  #latest: PlacementStep | undefined;
  #server: FastifyInstance | undefined;
  #file: WatchedFile | undefined;

  private constructor(
    options: LocalRunOptions,
    monitors: readonly StreamMonitor[],
    lock: Server,
    shards: LocalShards,
  ) {
    this.#options = options;
    this.#monitors = monitors;
    this.#lock = lock;
    this.#shards = shards;
    const { logger, policy } = options;
    this.#placement = new PlacementController({
      host: shards,
      installation: options,
      policyOf: () => policy,
      drainTimeout,
      logger,
    });
    this.#queue = new WorkQueue({
      name: planKey,
      handler: () => this.#plan(),
      concurrency: 1,
      backOff: { initial: 500, maximum: 10_000 },
      batch: { idle: 20, max: 200 },
      logger,
    });
  }

  /**
   * Starts shards and server, and follows the file from then on.
   * @throws StreamMonitorFileError when the file is wrong; Error when the state is in use or the address is taken
   */
  static async start(options: LocalRunOptions): Promise<LocalRun> {
    const monitors = readMonitors(options.text, options.fileName, options.logger);
    await mkdir(options.stateDirectory, { recursive: true, mode: 0o700 });
    const lock = await lockState(options.stateDirectory);
    const shards = await LocalShards.open({ ...options, onReport: () => run.#queue.add(planKey) });
    const run = new LocalRun(options, monitors, lock, shards);
    try {
      await run.#serve();
      await run.#plan();
      shards.start();
      run.#queue.start();
      run.#queue.addAfter(planKey, planInterval);
      run.#follow(options.file, options.text);
      return run;
    } catch (error) {
      await run.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#file?.close();
    await this.#server?.close();
    await this.#queue.stop();
    await this.#shards.close();
    this.#lock.close();
  }

  async #serve(): Promise<void> {
    const { logger, listen } = this.#options;
    const pool = (): Pool => ({
      clients: this.#shards.clients,
      shards: this.#latest?.plan.shards,
      figures: { restarts: this.#shards.restarts, shed: this.#latest?.plan.shed.length ?? 0 },
    });
    const server = await poolServer(pool, loadPageAssets(), logger);
    this.#server = server;
    const { host, port } = listen;
    try {
      await server.listen({ host, port });
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      throw taken ? new Error(`port ${port} is in use on ${host}; choose another with --listen`) : error;
    }
    const { port: bound } = server.server.address() as AddressInfo;
    logger.info({ page: browserAddress(host, bound) }, 'page, API and metrics are served');
  }

  async #plan(): Promise<{ readonly after: number }> {
    const now = Date.now();
    const desired = this.#monitors.map((monitor) =>
      desiredMonitor(monitor, watchedStreams(monitor.spec.streams), localPoolOf(monitor), this.#options, now),
    );
    this.#latest = await this.#placement.reconcile(desired, now);
    // What was written can be what the next step waits for.
    if (this.#latest.changed.length > 0) return { after: 20 };
    const windows = this.#monitors.flatMap(({ spec }) => spec.streams.map(({ window }) => window));
    const untilChange = (nextWindowChange(windows, now) ?? Number.POSITIVE_INFINITY) - now;
    return { after: Math.min(planInterval, untilChange) };
  }

  #follow(path: string, text: string): void {
    const { logger, fileName } = this.#options;
    const onChange = (changed: string) => {
      try {
        this.#monitors = readMonitors(changed, fileName, logger);
        this.#queue.add(planKey);
      } catch (error) {
        const problems =
          error instanceof StreamMonitorFileError ? error.problems : [(error as Error).message];
        logger.error({ problems }, 'change refused: everything goes on as it was');
      }
    };
    this.#file = new WatchedFile(path, text, onChange, (error) =>
      logger.error({ file: fileName, reason: error.message }, 'the file cannot be read'),
    );
  }
}

/** @throws StreamMonitorFileError also for what only a cluster has */
function readMonitors(text: string, fileName: string, logger: Logger): StreamMonitor[] {
  const monitors = parseStreamMonitors(text, fileName);
  const problems = monitors
    .filter(({ spec }) => spec.streamsFrom)
    .map(
      ({ metadata }) =>
        `${fileName}: ${metadata.name}: spec.streamsFrom names ConfigMaps, which only a cluster has; write the streams into spec.streams`,
    );
  if (problems.length > 0) throw new StreamMonitorFileError(problems);
  for (const { metadata, spec } of monitors) {
    if (spec.podTemplate)
      logger.info(
        { monitor: `${metadata.namespace}/${metadata.name}` },
        'spec.podTemplate is for clusters; not used here',
      );
  }
  return monitors;
}
