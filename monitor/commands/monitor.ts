import { Command, InvalidArgumentError } from 'commander';
import { parseListenAddress } from '../server/listen-address.ts';
import { startShardService } from '../shard/shard-service.ts';
import { createLogger } from './logger.ts';

interface MonitorOptions {
  readonly assignment: string;
  readonly listen: string;
  readonly state: string;
  readonly secrets?: string;
  readonly modules?: string;
  readonly allowRange: readonly string[];
  readonly spoolMegabytes: number;
  readonly exitWithParent?: true;
  readonly logLevel: string;
}

export function monitorCommand(): Command {
  return new Command('monitor')
    .description(
      'watch the streams of one shard, as its assignment document says (started by the operator or by run)',
    )
    .requiredOption('--assignment <file>', 'assignment document; followed when it changes')
    .requiredOption(
      '--state <directory>',
      'open incidents, evidence and what waits for delivery; survives restarts',
    )
    .option(
      '--listen <address>',
      'host:port, :port or unix:PATH for metrics, probes, report and page',
      ':8080',
    )
    .option('--secrets <directory>', 'mounted Secrets: DIRECTORY/{secret}/{key}')
    .option('--modules <directory>', 'mounted modules of detectors: DIRECTORY/{module}/detector.mjs')
    .option('--allow-range <cidr>', 'private range that streams may be on; repeatable', collect, [])
    .option('--spool-megabytes <number>', 'cap on what waits for delivery', megabytes, 512)
    .option('--exit-with-parent', 'end when standard input ends')
    .option('--log-level <level>', 'fatal, error, warn, info or debug', 'info')
    .action(async (options: MonitorOptions) => {
      const logger = createLogger(options.logLevel);
      const service = await startShardService({
        assignmentPath: options.assignment,
        stateDirectory: options.state,
        listen: parseListenAddress(options.listen.replace(/^unix:/, '')),
        allowedRanges: options.allowRange,
        spoolBytes: options.spoolMegabytes * 1024 * 1024,
        ...(options.secrets !== undefined && { secretsDirectory: options.secrets }),
        ...(options.modules !== undefined && { modulesDirectory: options.modules }),
        logger,
      });
      let stopping = false;
      const stop = async () => {
        if (stopping) return;
        stopping = true;
        await service.stop().catch((error: unknown) => logger.error({ err: error }, 'stopping failed'));
        process.exit();
      };
      process.once('SIGTERM', stop).once('SIGINT', stop);
      if (options.exitWithParent) process.stdin.resume().once('end', stop).once('error', stop);
    });
}

function megabytes(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError('write a number above 0');
  return number;
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}
