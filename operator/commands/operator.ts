import { hostname } from 'node:os';
import { Command, Option } from 'commander';
import { type Logger, pino } from 'pino';
import { documented } from '../../cli/documented-command.ts';
import { logLevelOption } from '../../cli/options.ts';
import { packageVersion } from '../../cli/package-version.ts';
import { signalled } from '../../cli/signals.ts';
import { complain } from '../../cli/terminal.ts';
import { type ClusterFlags, clusterOptions, connectionOf } from './cluster-options.ts';
import { type ListenAddress, listenAddress } from './listen-address.ts';
import { type OperatorConfig, readOperatorConfig } from './operator-config.ts';
import { RunningOperator } from './running-operator.ts';

interface OperatorFlags extends ClusterFlags {
  readonly config?: string;
  readonly image?: string;
  readonly listen: ListenAddress;
  readonly leaseNamespace?: string;
  readonly logLevel: string;
}

/** Exit codes of `operator`. */
const exitCode = { stopped: 0, failed: 1, badInput: 2 } as const;

/** `streammonitor operator`: watches StreamMonitors of a cluster and schedules the pods that watch their streams. */
export function operatorCommand(): Command {
  const command = new Command('operator')
    .description('watch the StreamMonitors of a cluster and run the pods that watch their streams')
    .option('--config <file>', 'YAML file with the settings of the installation: see docs/operator.md')
    .option('--image <image>', 'image of the monitor pods')
    .addOption(
      new Option('--listen <address>', 'host:port or :port for metrics and probes')
        .argParser(listenAddress)
        .default(listenAddress(':8081'), ':8081'),
    )
    .option('--lease-namespace <name>', 'namespace of the Lease; POD_NAMESPACE, else default, without')
    .addOption(logLevelOption('info'))
    .action(async (flags: OperatorFlags) => {
      process.exitCode = await operate(flags);
    });
  clusterOptions(command, 'only the StreamMonitors of this namespace; those of all without');
  return documented(command, {
    notes:
      'Several can run at once: one leads, the others follow and take over when it ends.\n' +
      'Logs are JSON lines on standard error.',
    exitStatus: {
      0: 'stopped by a signal',
      1: 'could not run or lost the lead',
      2: 'an option or the settings are wrong',
    },
    examples: ['streammonitor operator --image registry.example/streammonitor:0.1.0'],
  });
}

async function operate(flags: OperatorFlags): Promise<number> {
  const logger = pino(
    { level: flags.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination(2),
  );
  let config: OperatorConfig;
  try {
    config = readOperatorConfig(flags.config);
  } catch (error) {
    return complain((error as Error).message, exitCode.badInput);
  }
  try {
    return await serve(flags, config, logger);
  } catch (error) {
    return complain((error as Error).message, exitCode.failed);
  }
}

async function serve(flags: OperatorFlags, config: OperatorConfig, logger: Logger): Promise<number> {
  const version = packageVersion();
  const { namespace, listen } = flags;
  const connection = await connectionOf(flags);
  const stopped = signalled();
  const operator = await RunningOperator.start({
    connection,
    ...(namespace !== undefined && { namespace }),
    config,
    image: flags.image ?? `streammonitor:${version}`,
    version,
    listen,
    lease: {
      namespace: flags.leaseNamespace ?? process.env.POD_NAMESPACE ?? 'default',
      identity: process.env.POD_NAME ?? `${hostname()}-${process.pid}`,
    },
    logger,
  });
  const ending = await Promise.race([
    stopped.then((signal) => ({ signal, reason: undefined })),
    operator.lost,
  ]);
  if (ending.signal === undefined) {
    // Whatever is under way belongs to another now: nothing of it may be brought to its end.
    logger.error({ reason: ending.reason }, 'lost the lead; the process ends');
    return process.exit(exitCode.failed);
  }
  logger.info({ signal: ending.signal }, 'stopping');
  await operator.stop();
  return exitCode.stopped;
}
