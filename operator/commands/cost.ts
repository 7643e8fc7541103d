import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { documented } from '../../cli/documented-command.ts';
import { cores, fileOption, jsonOption } from '../../cli/options.ts';
import { complain } from '../../cli/terminal.ts';
import { unreadable } from '../../cli/unreadable.ts';
import { parseStreamMonitors, StreamMonitorFileError } from '../../crds/stream-monitor-file.ts';

interface CostFlags {
  readonly file: string;
  readonly prices?: string;
  readonly measured?: string;
  readonly streamsByHour?: string;
  readonly shardCpu: number;
  readonly json?: true;
}

/** Exit codes of `cost`. */
const exitCode = { told: 0, failed: 1, badInput: 2 } as const;

/** A file that cannot be used. */
class BadInput extends Error {}

/** `streammonitor cost`: what a file of StreamMonitors costs, beside a distributed design. */
export function costCommand(): Command {
  const command = new Command('cost')
    .description(
      'say what watching the streams of a file costs, beside Step Functions, Lambda and frames through S3',
    )
    .addOption(fileOption('YAML file with one or more StreamMonitors').makeOptionMandatory())
    .option('--prices <file>', 'prices and quotas in place of those shipped, YAML or JSON')
    .option(
      '--measured <file>',
      'measured CPU: a report of a shard or a list of them, or JSON of the benchmark',
    )
    .option('--streams-by-hour <file>', 'streams in each hour, a list: how many pods to reserve')
    .addOption(
      new Option('--shard-cpu <cores>', 'CPU of a pod, such as 2 or 500m').argParser(cores).default(2, '2'),
    )
    .addOption(jsonOption('all figures and what they rest on'))
    .action(async (flags: CostFlags) => {
      process.exitCode = await run(flags);
    });
  return documented(command, {
    notes:
      'It plans as run and the operator would, at the declared cost of decoding and of each detector, or at a measured\n' +
      'one, and reads no cluster. Where streams have windows, or with --streams-by-hour, it also says how many pods are\n' +
      'worth reserving. docs/cost.md has the model, its formulas, and the form of each file.',
    exitStatus: { 0: 'told', 1: 'no stream can be watched', 2: 'an argument or a file is wrong' },
    examples: [
      'streammonitor cost -f live.yaml',
      'streammonitor cost -f live.yaml --json',
      'streammonitor cost -f live.yaml --prices eu-west-1.yaml',
      'streammonitor cost -f live.yaml --measured measured.json',
      'streammonitor cost -f live.yaml --streams-by-hour week.yaml',
    ],
  });
}

async function run(flags: CostFlags): Promise<number> {
  try {
    const report = await reportOf(flags);
    const { costText } = await import('../cost/cost-text.ts');
    process.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : costText(report));
    return exitCode.told;
  } catch (error) {
    const bad = error instanceof BadInput || error instanceof StreamMonitorFileError;
    return complain((error as Error).message, bad ? exitCode.badInput : exitCode.failed);
  }
}

async function reportOf({ file, prices, measured, streamsByHour, shardCpu }: CostFlags) {
  const { parsePrices } = await import('../cost/prices.ts');
  const { parseMeasured } = await import('../cost/measured-file.ts');
  const { parseStreamsByHour } = await import('../cost/stream-profile.ts');
  const { costOfMonitors } = await import('../cost/cost-of-monitors.ts');
  const monitors = parseStreamMonitors(textOf(file), file);
  return costOfMonitors(monitors, {
    shardCpu,
    ...(prices !== undefined && { prices: contentOf(prices, parsePrices) }),
    ...(measured !== undefined && { measured: contentOf(measured, parseMeasured) }),
    ...(streamsByHour !== undefined && { profile: contentOf(streamsByHour, parseStreamsByHour) }),
  });
}

/** @throws BadInput with the name of the file before each problem */
function contentOf<T>(file: string, parse: (text: string) => T): T {
  const text = textOf(file);
  try {
    return parse(text);
  } catch (error) {
    throw new BadInput((error as Error).message.replaceAll(/^/gm, `${file}: `));
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new BadInput(`${file}: ${unreadable(error)}`);
  }
}
