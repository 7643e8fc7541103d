import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { Assignment } from '../../crds/assignment.ts';
import type { ShardReport } from '../../crds/shard-report.ts';
import { ShardClient } from './shard-client.ts';
import { ShardDirectory, shardsBelow } from './shard-directory.ts';
import type { ShardHost } from './shard-host.ts';
import { ShardProcess } from './shard-process.ts';

export interface LocalShardsOptions {
  /** `shards/` below has a folder for each shard, which is kept while the shard exists. */
  readonly stateDirectory: string;
  /** Secrets as files: `DIR/{secret}/{key}`. */
  readonly secretsDirectory?: string;
  /** CIDR ranges that streams may be watched on although they are private. */
  readonly allowedRanges: readonly string[];
  readonly logLevel: string;
  readonly logger: Logger;
}

interface Shard {
  readonly directory: ShardDirectory;
  readonly client: ShardClient;
  readonly process: ShardProcess;
  assignment: Assignment;
  /** Ends a removal under way: the shard is wanted again, or all shards are being stopped. */
  draining: AbortController | undefined;
}

const executable = fileURLToPath(new URL('../../bin/streammonitor', import.meta.url));
/** Longest that a removed shard goes on trying to deliver. */
const drainTimeout = 3_600_000;

/** Shards as child processes of this one. */
export class LocalShards implements ShardHost {
  readonly #options: LocalShardsOptions;
  readonly #socketDirectory: string;
  readonly #shards = new Map<string, Shard>();
  /** Shards that are done and whose files are being deleted. */
  readonly #leaving = new Map<string, Promise<void>>();
  #restarts = 0;

  private constructor(options: LocalShardsOptions, socketDirectory: string) {
    this.#options = options;
    this.#socketDirectory = socketDirectory;
  }

  static async open(options: LocalShardsOptions): Promise<LocalShards> {
    return new LocalShards(options, await openSocketDirectory(options.stateDirectory));
  }

  /** Restarts of shards that ended by themselves, since the start. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Shards that run, by name, with the way to talk to each. */
  get clients(): ReadonlyMap<string, ShardClient> {
    return new Map([...this.#shards].map(([name, { client }]) => [name, client]));
  }

  async assignments(): Promise<Assignment[]> {
    const names = await shardsBelow(join(this.#options.stateDirectory, 'shards'));
    const read = await Promise.all(names.map((name) => this.#directory(name).readAssignment()));
    return read.filter((assignment) => assignment !== undefined);
  }

  async apply(assignment: Assignment): Promise<void> {
    await this.#leaving.get(assignment.shard);
    const existing = this.#shards.get(assignment.shard);
    existing?.draining?.abort();
    const shard = existing ?? this.#create(assignment);
    shard.draining = undefined;
    shard.assignment = assignment;
    await shard.directory.writeAssignment(assignment);
    shard.process.start();
  }

  async report(name: string): Promise<ShardReport | undefined> {
    return this.#shards.get(name)?.client.json<ShardReport>('/report');
  }

  async remove(name: string): Promise<void> {
    const last = this.#shards.get(name)?.assignment ?? (await this.#directory(name).readAssignment());
    if (!last) return;
    // What is still to be delivered needs the settings of its monitors.
    await this.apply({ ...last, generation: last.generation + 1, streams: [] });
    const shard = this.#shards.get(name)!;
    shard.draining = new AbortController();
    this.#drain(name, shard, shard.draining.signal).catch((error: Error) => {
      this.#options.logger.error({ shard: name, reason: error.message }, 'shard could not be removed');
    });
  }

  /** Stops every process; the state stays for the next start. */
  async close(): Promise<void> {
    const shards = [...this.#shards.values()];
    this.#shards.clear();
    await Promise.all(
      shards.map(async ({ process, client, draining }) => {
        draining?.abort();
        await process.stop();
        await client.close();
      }),
    );
    await Promise.all(this.#leaving.values());
    await rm(this.#socketDirectory, { recursive: true, force: true });
  }

  #directory(name: string): ShardDirectory {
    return new ShardDirectory(join(this.#options.stateDirectory, 'shards', name));
  }

  #create(assignment: Assignment): Shard {
    const { secretsDirectory, allowedRanges, logLevel, logger } = this.#options;
    const name = assignment.shard;
    const directory = this.#directory(name);
    const socketPath = join(this.#socketDirectory, `${name}.sock`);
    const client = new ShardClient(socketPath);
    const args = ['monitor', '--assignment', directory.assignmentPath, '--listen', `unix:${socketPath}`];
    args.push('--state', directory.statePath, '--log-level', logLevel, '--exit-with-parent');
    if (secretsDirectory !== undefined) args.push('--secrets', secretsDirectory);
    for (const range of allowedRanges) args.push('--allow-range', range);
    const onRestart = () => {
      this.#restarts++;
    };
    const process = new ShardProcess({
      name,
      executable,
      arguments: args,
      directory,
      client,
      socketPath,
      logger,
      onRestart,
    });
    const shard: Shard = { directory, client, process, assignment, draining: undefined };
    this.#shards.set(name, shard);
    return shard;
  }

  /** Waits until an emptied shard has delivered everything, then ends it and deletes its files. */
  async #drain(name: string, shard: Shard, signal: AbortSignal): Promise<void> {
    const until = Date.now() + drainTimeout;
    let delivered = false;
    while (!delivered && Date.now() < until) {
      await sleep(500, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      const report = await shard.client.json<ShardReport>('/report');
      delivered =
        report !== undefined && report.generation >= shard.assignment.generation && report.spoolBytes === 0;
      if (signal.aborted) return;
    }
    this.#shards.delete(name);
    this.#leaving.set(name, this.#leave(shard));
    await this.#leaving.get(name);
    this.#leaving.delete(name);
    this.#options.logger.info({ shard: name, delivered }, 'shard removed');
  }

  async #leave({ process, client, directory }: Shard): Promise<void> {
    await process.stop();
    await client.close();
    await directory.delete();
  }
}

/** A folder for sockets, whose paths must be short: 108 bytes on Linux (unix(7)). */
async function openSocketDirectory(stateDirectory: string): Promise<string> {
  const preferred = join(stateDirectory, 'sockets');
  if (Buffer.byteLength(preferred) > 80) return mkdtemp(join(tmpdir(), 'streammonitor-'));
  await mkdir(preferred, { recursive: true, mode: 0o700 });
  return preferred;
}
