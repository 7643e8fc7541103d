import { Command, Option } from 'commander';
import { clusterFacts } from '../explain/cluster-facts.ts';
import { type ExplainTarget, explainTarget, hint } from '../explain/explain-target.ts';
import { explain, type MonitorExplanation, type StreamExplanation } from '../explain/explanation.ts';
import { monitorText, streamText } from '../explain/explanation-text.ts';
import type { KubeConnection } from '../kube/kube-connection.ts';

interface ExplainFlags {
  readonly namespace?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly output: 'text' | 'json';
}

/** Exit codes of `explain`. */
const exitCode = { found: 0, failed: 1, badInput: 2 } as const;

/** `streammonitor explain`: why a stream is where it is. */
export function explainCommand(): Command {
  return new Command('explain')
    .description('say where streams run, since when, why and at what cost, or why they do not')
    .argument('<monitor[/stream]>', 'a StreamMonitor, or one of its streams')
    .option('-n, --namespace <name>', 'namespace of the StreamMonitor; that of the context without')
    .option('--kubeconfig <file>', 'the cluster; KUBECONFIG or ~/.kube/config without')
    .option('--context <name>', 'context of the kubeconfig; its current one without')
    .addOption(
      new Option('-o, --output <format>', 'how to print it').choices(['text', 'json']).default('text'),
    )
    .addHelpText(
      'after',
      `
It reads StreamMonitors, ConfigMaps and pods of the namespace, and changes nothing.

Exit status: 0 found, 1 not found or the cluster cannot be read, 2 an argument is wrong.

Examples:
  streammonitor explain -n live sports
  streammonitor explain -n live sports/channel-1 -o json`,
    )
    .action(async (target: string, flags: ExplainFlags) => {
      process.exitCode = await run(target, flags);
    });
}

async function run(text: string, flags: ExplainFlags): Promise<number> {
  let target: ExplainTarget;
  try {
    target = explainTarget(text);
  } catch (error) {
    return complain((error as Error).message, exitCode.badInput);
  }
  try {
    process.stdout.write(await explained(target, flags));
    return exitCode.found;
  } catch (error) {
    return complain((error as Error).message, exitCode.failed);
  }
}

async function explained({ monitor, stream }: ExplainTarget, flags: ExplainFlags): Promise<string> {
  // Loaded late: it is large, and a wrong argument should be told at once.
  const [{ loadKubeConfig }, { KubeClient }] = await Promise.all([
    import('../kube/kube-config.ts'),
    import('../kube/kube-client.ts'),
  ]);
  const { kubeconfig, context, output } = flags;
  const connection: KubeConnection = loadKubeConfig({
    ...(kubeconfig !== undefined && { path: kubeconfig }),
    ...(context !== undefined && { context }),
  });
  const settings = {
    userAgent: 'streammonitor-explain',
    fieldManager: 'streammonitor-explain',
    qps: 20,
    burst: 40,
  };
  const client = new KubeClient(connection, settings);
  try {
    const now = Date.now();
    const facts = await clusterFacts(client, flags.namespace ?? connection.namespace, monitor, now);
    const explanation = explain(facts);
    const one = stream === undefined ? undefined : streamOf(explanation, stream);
    if (output === 'json') {
      return `${JSON.stringify(one ? { ...explanation, streams: [one] } : explanation, null, 2)}\n`;
    }
    return one ? streamText(explanation, one, now) : monitorText(explanation, now);
  } finally {
    await client.close();
    await connection.close();
  }
}

function streamOf(
  { namespace, name, streams, problems }: MonitorExplanation,
  stream: string,
): StreamExplanation {
  const found = streams.find((candidate) => candidate.name === stream);
  if (found) return found;
  const known = streams.map((candidate) => candidate.name);
  // It may be among what could not be read.
  const wrong = problems.length > 0 ? `\n${problems.join('\n')}` : '';
  throw new Error(`StreamMonitor ${namespace}/${name} has no stream ${stream}${hint(stream, known)}${wrong}`);
}

function complain(message: string, code: number): number {
  process.stderr.write(`${message}\n`);
  return code;
}
