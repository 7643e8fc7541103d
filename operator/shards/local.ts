import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { Assignment } from '../../crds/assignment.ts';
import { ShardClient } from './shard-client.ts';
import { ShardDirectory, shardsBelow } from './shard-directory.ts';
import type { HostedShard, ShardHost } from './shard-host.ts';
import { ShardProcess } from './shard-process.ts';
import { ShardReports } from './shard-reports.ts';

export interface LocalShardsOptions {
  /** `shards/` below has a folder for each shard, which is kept while the shard exists. */
  readonly stateDirectory: string;
  /** Secrets as files: `DIR/{secret}/{key}`. */
  readonly secretsDirectory?: string;
  /** Modules of detectors as files: `DIR/{module}/detector.mjs`. */
  readonly modulesDirectory?: string;
  /** CIDR ranges that streams may be watched on although they are private. */
  readonly allowedRanges: readonly string[];
  readonly logLevel: string;
  readonly logger: Logger;
  /** A shard has something new to say. */
  readonly onReport: () => void;
}

interface Shard {
  readonly directory: ShardDirectory;
  readonly client: ShardClient;
  readonly process: ShardProcess;
  assignment: Assignment;
}

const executable = fileURLToPath(new URL('../../bin/streammonitor', import.meta.url));

/** Shards as child processes of this one, which starts them again in their place whenever they end. */
export class LocalShards implements ShardHost {
  readonly #options: LocalShardsOptions;
  readonly #socketDirectory: string;
  readonly #shards = new Map<string, Shard>();
  readonly #reports: ShardReports;
  #restarts = 0;
  #started = false;

  private constructor(options: LocalShardsOptions, socketDirectory: string) {
    this.#options = options;
    this.#socketDirectory = socketDirectory;
    this.#reports = new ShardReports({
      shards: () =>
        [...this.#shards].map(([name, { client }]) => ({ key: name, name, client, urgent: true })),
      exists: (name) => this.#shards.has(name),
      onReport: options.onReport,
      logger: options.logger,
    });
  }

  /** Finds the shards that an earlier process left; none of them runs before `start`. */
  static async open(options: LocalShardsOptions): Promise<LocalShards> {
    const shards = new LocalShards(options, await openSocketDirectory(options.stateDirectory));
    for (const name of await shardsBelow(join(options.stateDirectory, 'shards'))) {
      const assignment = await shards.#directory(name).readAssignment();
      if (assignment) shards.#create(assignment);
    }
    return shards;
  }

  /** Starts every shard that does not run yet. */
  start(): void {
    this.#started = true;
    for (const { process } of this.#shards.values()) process.start();
    this.#reports.start();
  }

  /** Restarts of shards that ended by themselves, since the start. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Shards that run, by name, with the way to talk to each. */
  get clients(): ReadonlyMap<string, ShardClient> {
    return new Map([...this.#shards].map(([name, { client }]) => [name, client]));
  }

  shards(): readonly HostedShard[] {
    return [...this.#shards].map(([name, { assignment }]) => {
      const report = this.#reports.last(name);
      // A process that ended comes back in its place with all it had, so none is ever lost.
      return { assignment, pool: name.replace(/-[0-9]+$/, ''), health: 'Ready', ...(report && { report }) };
    });
  }

  async apply(assignment: Assignment): Promise<void> {
    const shard = this.#shards.get(assignment.shard) ?? this.#create(assignment);
    await shard.directory.writeAssignment(assignment);
    shard.assignment = assignment;
    if (this.#started) shard.process.start();
  }

  async remove(name: string): Promise<void> {
    const shard = this.#shards.get(name);
    if (!shard) return;
    await shard.process.stop();
    await shard.client.close();
    await shard.directory.delete();
    this.#shards.delete(name);
  }

  /** Stops every process; the state stays for the next start. */
  async close(): Promise<void> {
    this.#reports.stop();
    await Promise.all(
      [...this.#shards.values()].map(async ({ process, client }) => {
        await process.stop();
        await client.close();
      }),
    );
    await rm(this.#socketDirectory, { recursive: true, force: true });
  }

  #directory(name: string): ShardDirectory {
    return new ShardDirectory(join(this.#options.stateDirectory, 'shards', name));
  }

  #create(assignment: Assignment): Shard {
    const { secretsDirectory, modulesDirectory, allowedRanges, logLevel, logger } = this.#options;
    const name = assignment.shard;
    const directory = this.#directory(name);
    const socketPath = join(this.#socketDirectory, `${name}.sock`);
    const client = new ShardClient({ socketPath });
    const args = ['monitor', '--assignment', directory.assignmentPath, '--listen', `unix:${socketPath}`];
    args.push('--state', directory.statePath, '--log-level', logLevel, '--exit-with-parent');
    if (secretsDirectory !== undefined) args.push('--secrets', secretsDirectory);
    if (modulesDirectory !== undefined) args.push('--modules', modulesDirectory);
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
    const shard: Shard = { directory, client, process, assignment };
    this.#shards.set(name, shard);
    return shard;
  }
}

/** A folder for sockets, whose paths must be short: 108 bytes on Linux (unix(7)). */
async function openSocketDirectory(stateDirectory: string): Promise<string> {
  const preferred = join(stateDirectory, 'sockets');
  if (Buffer.byteLength(preferred) > 80) return mkdtemp(join(tmpdir(), 'streammonitor-'));
  await mkdir(preferred, { recursive: true, mode: 0o700 });
  return preferred;
}
