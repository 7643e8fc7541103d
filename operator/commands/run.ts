import { readFileSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { type Level, pino } from 'pino';
import { documented } from '../../cli/documented-command.ts';
import {
  allowRangeOption,
  cores,
  count,
  fileOption,
  logLevelOption,
  modulesOption,
  secretsOption,
} from '../../cli/options.ts';
import { signalled } from '../../cli/signals.ts';
import { complain } from '../../cli/terminal.ts';
import { unreadable } from '../../cli/unreadable.ts';
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
  readonly shardCpu: number;
  readonly maxShards: number;
  readonly logLevel: Level;
}

/** Exit codes of `run`. */
const exitCode = { stopped: 0, failed: 1, badInput: 2 } as const;

/** `streammonitor run`: everything on one machine, without a cluster. */
export function runCommand(): Command {
  const command = new Command('run')
    .description('watch the streams of a file of StreamMonitors on this machine')
    .addOption(
      fileOption(
        'YAML file with one or more StreamMonitors; changes of it are followed',
      ).makeOptionMandatory(),
    )
    .addOption(
      new Option('--listen <address>', 'host:port or :port for page, API and metrics')
        .argParser(listenAddress)
        .default(listenAddress('127.0.0.1:8080'), '127.0.0.1:8080'),
    )
    .addOption(
      new Option('--state <dir>', 'folder for what must survive a restart').default(
        stateDirectory(),
        '~/.local/state/streammonitor',
      ),
    )
    .addOption(secretsOption())
    .addOption(modulesOption())
    .option('--results <dir>', 'folder for the results of StreamMonitors that name no bucket')
    .option('--region <name>', 'labels metrics, results and events')
    .addOption(allowRangeOption())
    .addOption(
      new Option('--shard-cpu <cores>', 'CPU that one process is given work for, such as 2 or 500m')
        .argParser(cores)
        .default(2, '2'),
    )
    .addOption(
      new Option('--max-shards <n>', 'most processes that watch streams')
        .argParser(count)
        .default(4 * availableParallelism(), '4 for each CPU'),
    )
    .addOption(logLevelOption('info'))
    .action(async (flags: RunFlags) => {
      process.exitCode = await run(flags);
    });
  return documented(command, {
    notes:
      'Private networks and this machine itself may be watched; link-local addresses may not, unless allowed.\n' +
      'Page, API and metrics are served at one address. Logs are JSON lines on standard error.',
    exitStatus: { 0: 'stopped by a signal', 1: 'could not run', 2: 'the file or an option is wrong' },
    examples: [
      'streammonitor run -f live.yaml',
      'streammonitor run -f live.yaml --listen :8080 --results results --secrets secrets',
    ],
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
    return complain(`${flags.file}: ${unreadable(error)}`, exitCode.badInput);
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
      policy: { ...defaultPolicy, shardCapacity: flags.shardCpu * 1000, maxShards: flags.maxShards },
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

function stateDirectory(): string {
  return join(process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'streammonitor');
}
