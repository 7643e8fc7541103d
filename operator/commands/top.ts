import { Command, InvalidArgumentError, Option } from 'commander';
import { documented } from '../../cli/documented-command.ts';
import { duration, jsonOption, list } from '../../cli/options.ts';
import { complain } from '../../cli/terminal.ts';
import { streamPhases } from '../../crds/stream-state.ts';
import { type ExplainTarget, explainTarget } from '../explain/explain-target.ts';
import { streamStates } from '../explain/explanation.ts';
import { type Order, ordered, orders, type TopFilter } from '../top/top-order.ts';
import type { TopSource } from '../top/top-source.ts';
import { openCluster } from './cluster.ts';
import { contextValues, targetValues } from './cluster-completion.ts';
import { type ClusterFlags, clusterOptions } from './cluster-options.ts';
import { liveTable, snapshot } from './top-output.ts';

interface TopFlags extends ClusterFlags {
  readonly allNamespaces?: true;
  readonly url?: string;
  readonly sort: Order;
  readonly only?: readonly string[];
  readonly defective?: true;
  readonly interval: number;
  readonly once?: true;
  readonly json?: true;
}

/** Exit codes of `top`. */
const exitCode = { shown: 0, failed: 1, badInput: 2 } as const;

/** What a stream can be, in lower case. */
const states = [...new Set([...streamPhases, 'Unknown', ...streamStates])].map((state) =>
  state.toLowerCase(),
);

/** `streammonitor top`: how all streams are, now. */
export function topCommand(): Command {
  const command = new Command('top')
    .description('show how streams are now: state, defects, blind time, lag and CPU')
    .argument('[monitor[/stream]]', 'a StreamMonitor, or one of its streams; all without', target);
  clusterOptions(command, 'namespace of the StreamMonitors; that of the context without')
    .addOption(
      new Option('-A, --all-namespaces', 'the StreamMonitors of all namespaces').conflicts('namespace'),
    )
    .addOption(
      new Option('--url <url>', 'without a cluster: the page of run or of a shard')
        .argParser(webAddress)
        .conflicts(['namespace', 'allNamespaces', 'kubeconfig', 'context']),
    )
    .addOption(new Option('--sort <order>', 'what comes first').choices(orders).default('attention'))
    .addOption(
      new Option('--only <states>', 'only streams in these states, such as down,unknown').argParser(
        stateList,
      ),
    )
    .option('--defective', 'only streams with a defect now')
    .addOption(
      new Option('--interval <duration>', 'how often it is read anew').argParser(interval).default(2, '2s'),
    )
    .option('--once', 'print it once, as where standard output is no terminal')
    .addOption(jsonOption('it once,'))
    .action(async (asked: ExplainTarget | undefined, flags: TopFlags) => {
      process.exitCode = await top(asked, flags);
      setImmediate(() => process.exit());
    });
  return documented(command, {
    notes:
      'SCORE is that of the worst defect, LAG how far the judgement is behind the wall clock, CPU that of decoding,\n' +
      'UNKNOWN the detectors that cannot tell: explain says why. On a terminal, q ends it.\n' +
      'It asks the pods of the streams through the API server, which takes the right to get pods/proxy, or to get and\n' +
      'create pods/portforward.',
    exitStatus: { 0: 'shown', 1: 'nothing can be read', 2: 'an argument is wrong' },
    examples: [
      'streammonitor top',
      'streammonitor top -A --only down,unknown',
      'streammonitor top -n live sports --sort cpu',
      'streammonitor top --url http://127.0.0.1:8080',
      'streammonitor top -n live --json',
    ],
    values: { 'monitor[/stream]': targetValues, only: () => states, ...contextValues },
  });
}

async function top(asked: ExplainTarget | undefined, flags: TopFlags): Promise<number> {
  const filter: TopFilter = {
    ...(asked && { target: asked }),
    ...(flags.only && { states: flags.only }),
    ...(flags.defective && { defective: true }),
  };
  let source: TopSource | undefined;
  try {
    source = await sourceOf(flags);
    const { read } = source;
    const shown = async () => ordered(await read(), flags.sort, filter);
    if (flags.json || flags.once || !process.stdout.isTTY) await snapshot(shown, flags.json ?? false);
    else await liveTable(shown, flags.interval);
    return exitCode.shown;
  } catch (error) {
    return complain((error as Error).message, exitCode.failed);
  } finally {
    await source?.close();
  }
}

async function sourceOf(flags: TopFlags): Promise<TopSource> {
  const { clusterSource, urlSource } = await import('../top/top-source.ts');
  if (flags.url !== undefined) return urlSource(flags.url);
  const cluster = await openCluster(flags, 'top');
  return clusterSource(cluster, flags.allNamespaces ? undefined : cluster.namespace);
}

function target(text: string): ExplainTarget {
  try {
    return explainTarget(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function stateList(text: string): string[] {
  const asked = list(text.toLowerCase());
  const wrong = asked.find((state) => !states.includes(state));
  if (wrong === undefined) return asked;
  throw new InvalidArgumentError(`"${wrong}" is not a state; there are ${states.join(', ')}`);
}

function webAddress(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
  throw new InvalidArgumentError('write it like http://127.0.0.1:8080');
}

function interval(text: string): number {
  const seconds = duration(text);
  if (seconds >= 0.5) return seconds;
  throw new InvalidArgumentError('it must be 500ms or more');
}
