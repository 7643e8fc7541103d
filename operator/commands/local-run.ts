import { mkdir } from 'node:fs/promises';
import type { AddressInfo, Server } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { loadPageAssets } from '../../crds/page-assets.ts';
import { parseStreamMonitors, StreamMonitorFileError } from '../../crds/stream-monitor-file.ts';
import { PoolController } from '../controllers/pool-controller.ts';
import type { PoolPolicy } from '../planner/pool-plan.ts';
import type { Pool } from '../server/pool.ts';
import { poolServer } from '../server/pool-server.ts';
import { LocalShards } from '../shards/local.ts';
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
  readonly resultsDirectory?: string;
  readonly region?: string;
  readonly allowedRanges: readonly string[];
  readonly policy: PoolPolicy;
  readonly logLevel: string;
  readonly logger: Logger;
}

interface Parts {
  readonly lock: Server;
  readonly shards: LocalShards;
  readonly controller: PoolController;
  readonly server: FastifyInstance;
}

/** A file of StreamMonitors that is being watched on this machine. */
export class LocalRun {
  readonly #fileName: string;
  readonly #logger: Logger;
  readonly #lock: Server;
  readonly #shards: LocalShards;
  readonly #controller: PoolController;
  readonly #server: FastifyInstance;
  #file: WatchedFile | undefined;
  #applying: Promise<void> = Promise.resolve();

  private constructor(options: LocalRunOptions, { lock, shards, controller, server }: Parts) {
    const { logger } = options;
    this.#fileName = options.fileName;
    this.#logger = logger;
    this.#lock = lock;
    this.#shards = shards;
    this.#controller = controller;
    this.#server = server;
  }

  /**
   * Starts shards and server, and follows the file from then on.
   * @throws StreamMonitorFileError when the file is wrong; Error when the state is in use or the address is taken
   */
  static async start(options: LocalRunOptions): Promise<LocalRun> {
    const monitors = parseStreamMonitors(options.text, options.fileName);
    await mkdir(options.stateDirectory, { recursive: true, mode: 0o700 });
    const lock = await lockState(options.stateDirectory);
    const shards = await LocalShards.open(options);
    const controller = new PoolController(shards, options.policy, options, options.logger);
    const pool = (): Pool => ({
      clients: shards.clients,
      plan: controller.plan,
      figures: { restarts: shards.restarts, shed: controller.plan?.shed.length ?? 0 },
    });
    const server = await poolServer(pool, loadPageAssets(), options.logger);
    const run = new LocalRun(options, { lock, shards, controller, server });
    try {
      await run.#listen(options.listen);
      await run.#controller.apply(monitors);
      run.#follow(options.file, options.text);
      return run;
    } catch (error) {
      await run.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#file?.close();
    await this.#server.close();
    await this.#applying;
    await this.#shards.close();
    this.#lock.close();
  }

  async #listen({ host, port }: ListenAddress): Promise<void> {
    try {
      await this.#server.listen({ host, port });
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      throw taken ? new Error(`port ${port} is in use on ${host}; choose another with --listen`) : error;
    }
    const { port: bound } = this.#server.server.address() as AddressInfo;
    this.#logger.info({ page: browserAddress(host, bound) }, 'page, API and metrics are served');
  }

  #follow(path: string, text: string): void {
    this.#file = new WatchedFile(
      path,
      text,
      (changed) => {
        this.#applying = this.#applying.then(() => this.#change(changed));
      },
      (error) =>
        this.#logger.error({ file: this.#fileName, reason: error.message }, 'the file cannot be read'),
    );
  }

  async #change(text: string): Promise<void> {
    try {
      await this.#controller.apply(parseStreamMonitors(text, this.#fileName));
    } catch (error) {
      const problems = error instanceof StreamMonitorFileError ? error.problems : [(error as Error).message];
      this.#logger.error({ problems }, 'change refused: everything goes on as it was');
    }
  }
}
