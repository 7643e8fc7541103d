import { Command } from 'commander';
import { documented } from '../../cli/documented-command.ts';
import { allowRangeOption, count, logLevelOption, modulesOption, secretsOption } from '../../cli/options.ts';
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
  const command = new Command('monitor')
    .description(
      'watch the streams of one shard, as its assignment document says (started by the operator or by run)',
    )
    .requiredOption('--assignment <file>', 'assignment document; followed when it changes')
    .requiredOption('--state <dir>', 'folder for what must survive a restart')
    .option(
      '--listen <address>',
      'host:port, :port or unix:PATH for metrics, probes, report and page',
      ':8080',
    )
    .addOption(secretsOption())
    .addOption(modulesOption())
    .addOption(allowRangeOption())
    .option('--spool-megabytes <n>', 'cap on what waits for delivery', count, 512)
    .option('--exit-with-parent', 'end when standard input ends')
    .addOption(logLevelOption('info'))
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
  return documented(command, {
    notes: 'The assignment is followed when it changes. Logs are JSON lines on standard error.',
    exitStatus: { 0: 'stopped by a signal', 1: 'could not run', 2: 'an option is wrong' },
    examples: ['streammonitor monitor --assignment assignment.json --state /var/lib/streammonitor'],
  });
}
