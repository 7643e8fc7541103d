import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { documented } from '../../cli/documented-command.ts';
import { fileOption, jsonOption } from '../../cli/options.ts';
import { complain } from '../../cli/terminal.ts';
import { unreadable } from '../../cli/unreadable.ts';
import { parseStreamMonitors, StreamMonitorFileError } from '../../crds/stream-monitor-file.ts';
import { type ExplainTarget, explainTarget, hint } from '../explain/explain-target.ts';
import { explain, type MonitorExplanation, type StreamExplanation } from '../explain/explanation.ts';
import { monitorText, streamText } from '../explain/explanation-text.ts';
import { defaultPolicy } from '../planner/pool-policy.ts';
import { openCluster } from './cluster.ts';
import { contextValues, targetValues } from './cluster-completion.ts';
import { type ClusterFlags, clusterOptions } from './cluster-options.ts';

interface ExplainFlags extends ClusterFlags {
  readonly file?: string;
  readonly json?: true;
}

/** Exit codes of `explain`. */
const exitCode = { found: 0, failed: 1, badInput: 2 } as const;

/** What was asked for, in a form that cannot be. */
class BadInput extends Error {}

/** `streammonitor explain`: why a stream is where it is, and what is known of it. */
export function explainCommand(): Command {
  const command = new Command('explain')
    .description(
      'say where streams run, why and at what cost, which detectors run on them, and what nobody can tell of them and why',
    )
    .argument('[monitor[/stream]]', 'a StreamMonitor, or one of its streams; all of a file without')
    .addOption(fileOption('what run would make of a file of StreamMonitors, without a cluster'))
    .addOption(jsonOption('what is known'));
  clusterOptions(command, 'namespace of the StreamMonitor; that of the context without').action(
    async (target: string | undefined, flags: ExplainFlags) => {
      process.exitCode = await run(target, flags);
    },
  );
  return documented(command, {
    notes:
      'It reads StreamMonitors, ConfigMaps and pods of the namespace, asks the pods how the streams are, and changes\n' +
      'nothing. To ask pods takes the right to get pods/proxy, or to get and create pods/portforward.',
    exitStatus: {
      0: 'found',
      1: 'not found, or the cluster cannot be read',
      2: 'an argument or the file is wrong',
    },
    examples: [
      'streammonitor explain -n live sports',
      'streammonitor explain -n live sports/channel-1 --json',
      'streammonitor explain -f live.yaml',
      'streammonitor explain -f live.yaml sports/channel-1',
    ],
    values: { 'monitor[/stream]': targetValues, ...contextValues },
  });
}

async function run(text: string | undefined, flags: ExplainFlags): Promise<number> {
  const now = Date.now();
  try {
    const target = targetOf(text, flags);
    const explanations =
      flags.file === undefined
        ? [await fromCluster(target!, flags, now)]
        : await fromFile(flags.file, target, now);
    const told = explanations.map((explanation) => ({
      explanation,
      one: target?.stream === undefined ? undefined : streamOf(explanation, target.stream),
    }));
    process.stdout.write(flags.json ? jsonText(told) : told.map((each) => textOf(each, now)).join('\n'));
    return exitCode.found;
  } catch (error) {
    const bad = error instanceof BadInput || error instanceof StreamMonitorFileError;
    return complain((error as Error).message, bad ? exitCode.badInput : exitCode.failed);
  }
}

function targetOf(text: string | undefined, { file }: ExplainFlags): ExplainTarget | undefined {
  if (text === undefined && file !== undefined) return undefined;
  if (text === undefined) throw new BadInput('name a StreamMonitor, or a file with -f');
  try {
    return explainTarget(text);
  } catch (error) {
    throw new BadInput((error as Error).message);
  }
}

async function fromCluster(
  { monitor }: ExplainTarget,
  flags: ExplainFlags,
  now: number,
): Promise<MonitorExplanation> {
  const cluster = await openCluster(flags, 'explain');
  const { client, namespace, reports } = cluster;
  try {
    const { askShards, clusterState, factsOf, monitorOf } = await import('../explain/cluster-facts.ts');
    const state = await clusterState(client, namespace);
    const source = await monitorOf(client, namespace, monitor, state);
    return explain(factsOf(state, source, await askShards(state, [source], reports), now));
  } finally {
    await cluster.close();
  }
}

async function fromFile(
  file: string,
  target: ExplainTarget | undefined,
  now: number,
): Promise<MonitorExplanation[]> {
  const monitors = parseStreamMonitors(readText(file), file);
  const { fileFacts } = await import('../explain/file-facts.ts');
  const all = fileFacts(monitors, defaultPolicy, now).map(explain);
  if (!target) return all;
  const found = all.filter(({ name }) => name === target.monitor);
  if (found.length > 0) return found;
  const known = all.map(({ name }) => name);
  throw new Error(`${file} has no StreamMonitor ${target.monitor}${hint(target.monitor, known)}`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new BadInput(`${file}: ${unreadable(error)}`);
  }
}

function jsonText(told: readonly Told[]): string {
  const all = told.map(({ explanation, one }) => (one ? { ...explanation, streams: [one] } : explanation));
  return `${JSON.stringify(all.length === 1 ? all[0] : all, null, 2)}\n`;
}

interface Told {
  readonly explanation: MonitorExplanation;
  readonly one: StreamExplanation | undefined;
}

function textOf({ explanation, one }: Told, now: number): string {
  return one ? streamText(explanation, one, now) : monitorText(explanation, now);
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
