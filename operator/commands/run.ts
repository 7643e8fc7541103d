import { readFileSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import ipaddr from 'ipaddr.js';
import { type Level, pino } from 'pino';
import { localRanges } from '../../crds/local-ranges.ts';
import { StreamMonitorFileError } from '../../crds/stream-monitor-file.ts';
import { defaultPolicy } from '../planner/pool-policy.ts';
import { type ListenAddress, listenAddress } from './listen-address.ts';
import { LocalRun } from './local-run.ts';

interface RunFlags {
  readonly file: string;
  readonly listen: ListenAddress;
  readonly state: string;
  readonly secrets?: string;
  readonly modules?: string;
  readonly results?: string;
  readonly region?: string;
  readonly allowRange: readonly string[];
  readonly shardCapacity: number;
  readonly maxShards: number;
  readonly logLevel: Level;
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'];
/** Exit codes of `run`. */
const exitCode = { stopped: 0, failed: 1, badInput: 2 } as const;

/** `streammonitor run`: everything on one machine, without a cluster. */
export function runCommand(): Command {
  return new Command('run')
    .description('watch the streams of a file of StreamMonitors on this machine')
    .requiredOption(
      '-f, --file <file>',
      'YAML file with one or more StreamMonitors; changes of it are followed',
    )
    .addOption(
      new Option('--listen <address>', 'host:port or :port for page, API and metrics')
        .argParser(listenAddress)
        .default(listenAddress('127.0.0.1:8080'), '127.0.0.1:8080'),
    )
    .option('--state <dir>', 'folder for what must survive a restart', stateDirectory())
    .option('--secrets <dir>', 'folder of Secrets: DIR/{name}/{key}')
    .option('--modules <dir>', 'folder of modules of detectors: DIR/{module}/detector.mjs')
    .option('--results <dir>', 'folder for the results of StreamMonitors that name no bucket')
    .option('--region <name>', 'labels metrics, results and events')
    .addOption(
      new Option('--allow-range <cidr...>', 'further address ranges that streams may be on')
        .argParser(ranges)
        .default([], 'none'),
    )
    .option('--shard-capacity <ms>', 'CPU that one process may use, in ms per second', positive, 2000)
    .option('--max-shards <n>', 'most processes that watch streams', positive, 4 * availableParallelism())
    .addOption(
      new Option('--log-level <level>', 'least severe that is logged').choices(logLevels).default('info'),
    )
    .addHelpText(
      'after',
      `
Private networks and this machine itself may be watched; link-local addresses may not, unless allowed.
Logs are JSON lines on standard error.

Exit status: 0 stopped by a signal, 1 could not run, 2 the file or an option is wrong.

Example:
  streammonitor run -f live.yaml --listen 127.0.0.1:8080`,
    )
    .action(async (flags: RunFlags) => {
      process.exitCode = await run(flags);
    });
}

async function run(flags: RunFlags): Promise<number> {
  const logger = pino(
    { level: flags.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination(2),
  );
  const file = resolve(flags.file);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return complain(`${flags.file}: ${unreadable(error as NodeJS.ErrnoException)}`, exitCode.badInput);
  }
  const stopped = signalled();
  try {
    const running = await LocalRun.start({
      ...flags,
      file,
      fileName: flags.file,
      text,
      stateDirectory: resolve(flags.state),
      ...(flags.secrets !== undefined && { secretsDirectory: resolve(flags.secrets) }),
      ...(flags.modules !== undefined && { modulesDirectory: resolve(flags.modules) }),
      ...(flags.results !== undefined && { resultsDirectory: resolve(flags.results) }),
      allowedRanges: [...localRanges, ...flags.allowRange],
      policy: { ...defaultPolicy, shardCapacity: flags.shardCapacity, maxShards: flags.maxShards },
      logger,
    });
    logger.info({ signal: await stopped }, 'stopping');
    await running.close();
    return exitCode.stopped;
  } catch (error) {
    const badInput = error instanceof StreamMonitorFileError;
    return complain((error as Error).message, badInput ? exitCode.badInput : exitCode.failed);
  }
}

function unreadable({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such file';
  return code === 'EACCES' ? 'this user may not read it' : message;
}

function complain(message: string, code: number): number {
  process.stderr.write(`${message}\n`);
  return code;
}

/** The first signal that asks to stop; a second one ends the process at once. */
function signalled(): Promise<string> {
  return new Promise((settle) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => settle(signal));
  });
}

function stateDirectory(): string {
  return join(process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'streammonitor');
}

function ranges(text: string, before: readonly string[]): string[] {
  if (!ipaddr.isValidCIDR(text)) throw new InvalidArgumentError('Write it in CIDR form, like 100.64.0.0/10.');
  return [...before, text];
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}
