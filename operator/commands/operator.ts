import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { Command, Option } from 'commander';
import { type Logger, pino } from 'pino';
import { type ListenAddress, listenAddress } from './listen-address.ts';
import { type OperatorConfig, readOperatorConfig } from './operator-config.ts';
import { type Ending, RunningOperator } from './running-operator.ts';

interface OperatorFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly config?: string;
  readonly image?: string;
  readonly listen: ListenAddress;
  readonly leaseNamespace?: string;
  readonly logLevel: string;
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'];
/** Exit codes of `operator`. */
const exitCode = { stopped: 0, failed: 1, badInput: 2 } as const;

/** `streammonitor operator`: watches StreamMonitors of a cluster and schedules the pods that watch their streams. */
export function operatorCommand(): Command {
  return new Command('operator')
    .description('watch the StreamMonitors of a cluster and run the pods that watch their streams')
    .option(
      '--kubeconfig <file>',
      'the cluster; KUBECONFIG, ~/.kube/config or the account of the pod without',
    )
    .option('--context <name>', 'context of the kubeconfig; its current one without')
    .option('-n, --namespace <name>', 'only the StreamMonitors of this namespace; those of all without')
    .option('--config <file>', 'YAML file with the settings of the installation: see docs/operator.md')
    .option('--image <image>', 'image of the monitor pods')
    .addOption(
      new Option('--listen <address>', 'host:port or :port for metrics and probes')
        .argParser(listenAddress)
        .default(listenAddress(':8081'), ':8081'),
    )
    .option('--lease-namespace <name>', 'namespace of the Lease; POD_NAMESPACE, else default, without')
    .addOption(
      new Option('--log-level <level>', 'least severe that is logged').choices(logLevels).default('info'),
    )
    .addHelpText(
      'after',
      `
Several can run at once: one leads, the others follow and take over when it ends.
Logs are JSON lines on standard error.

Exit status: 0 stopped by a signal, 1 could not run or lost the lead, 2 an option or the settings are wrong.

Example:
  streammonitor operator --image registry.example/streammonitor:${packageVersion()}`,
    )
    .action(async (flags: OperatorFlags) => {
      process.exitCode = await operate(flags);
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
  const { kubeconfig, context, namespace, listen } = flags;
  // Loaded late: it is large, and nothing else needs it.
  const { loadKubeConfig } = await import('../kube/kube-config.ts');
  const connection = loadKubeConfig({
    ...(kubeconfig !== undefined && { path: kubeconfig }),
    ...(context !== undefined && { context }),
  });
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
  const ending = await Promise.race([stopped, operator.lost]);
  if (ending.signal === undefined) {
    // Whatever is under way belongs to another now: nothing of it may be brought to its end.
    logger.error({ reason: ending.reason }, 'lost the lead; the process ends');
    return process.exit(exitCode.failed);
  }
  logger.info({ signal: ending.signal }, 'stopping');
  await operator.stop();
  return exitCode.stopped;
}

/** The first signal that asks to stop; a second one ends the process at once. */
function signalled(): Promise<Ending> {
  return new Promise((settle) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => settle({ signal }));
  });
}

function complain(message: string, code: number): number {
  process.stderr.write(`${message}\n`);
  return code;
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
