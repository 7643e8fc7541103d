/** The orchestrator of the distributed baseline: starts converter and detectors, steps their workflow, sums the CPU. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pictureSet } from '../commands.ts';
import { processCpuSeconds } from '../process-tree.ts';
import type {
  Completion,
  ConverterDone,
  DistributedCost,
  DistributedRun,
  Fetched,
  PictureDetector,
  SecondStored,
} from './messages.ts';
import { WorkflowLog } from './workflow-log.ts';

process.once('message', async (run: DistributedRun) => {
  process.send!(await orchestrate(run));
  process.disconnect();
});

async function orchestrate(run: DistributedRun): Promise<DistributedCost> {
  const log = await WorkflowLog.open(join(run.directory, 'workflow.jsonl'));
  const detectors = await Promise.all(pictureSet.map((detector) => startDetector(detector, run)));
  const serverBefore = serverSeconds(run);
  const converter = start('converter-process.ts', []);
  converter.send(run);

  const last = new Map<PictureDetector, Completion>();
  const keys: string[] = [];
  let queues = detectors.map(() => Promise.resolve());
  let warm: NodeJS.CpuUsage | undefined;
  const converted = Promise.withResolvers<ConverterDone>();
  converter.on('message', (message: SecondStored | ConverterDone) => {
    if (message.type === 'converted') return converted.resolve(message);
    warm ??= process.cpuUsage();
    keys.push(...message.keys);
    queues = detectors.map(async (detector, index) => {
      await queues[index];
      const completion = await invoke(detector, message);
      last.set(completion.detector, completion);
      const { highestScore, second } = completion;
      await log.append({ detector: completion.detector, second, highestScore, next: 'AwaitSecond' });
    });
  });
  const done = await converted.promise;
  await Promise.all(queues);
  const own = process.cpuUsage(warm);
  const server = serverSeconds(run) - serverBefore;
  const fetching = await fetchOnce(detectors[0]!, keys);
  for (const detector of detectors.slice(1)) detector.disconnect();
  await log.close();
  return costOf(run, done, [...last.values()], {
    orchestrator: (own.user + own.system) / 1000,
    server: 1000 * server,
    fetching,
    transitions: log.transitions,
  });
}

/**
 * Per second of media. Converter and detectors count from the end of the first second; the server, which has nothing
 * to warm up, from the first call.
 */
function costOf(
  { frameRate }: DistributedRun,
  { frames, ffmpegMilliseconds, putMilliseconds, putCalls, bytes }: ConverterDone,
  completions: readonly Completion[],
  measured: { orchestrator: number; server: number; fetching: number; transitions: number },
): DistributedCost {
  const seconds = Math.floor(frames / frameRate);
  if (seconds < 2)
    throw new Error(`the converter stored ${frames} frames: nothing is left after the first second`);
  if (completions.length !== pictureSet.length || completions.some((one) => one.frames < seconds * frameRate))
    throw new Error(
      `detectors judged ${completions.map((one) => one.frames).join(', ')} of ${frames} frames`,
    );
  const warmed = frames / frameRate - 1;
  const inDetectors = completions.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / (seconds - 1);
  const get = (measured.fetching / seconds) * completions.length;
  const milliseconds = {
    converter: ffmpegMilliseconds / warmed,
    put: putMilliseconds / warmed,
    get,
    detector: inDetectors - get,
    orchestrator: measured.orchestrator / seconds,
    s3: measured.server / seconds,
  };
  return {
    milliseconds: {
      ...milliseconds,
      total: Object.values(milliseconds).reduce((sum, value) => sum + value, 0),
    },
    putCalls: (putCalls * frameRate) / frames,
    getCalls: completions.reduce((sum, { getCalls }) => sum + getCalls, 0) / seconds,
    transitions: measured.transitions / seconds,
    bytesPerFrame: Math.round(bytes / frames),
    frames,
  };
}

async function startDetector(detector: PictureDetector, run: DistributedRun): Promise<ChildProcess> {
  const child = start('detector-process.ts', [detector]);
  child.send(run);
  await once(child, 'message');
  return child;
}

function start(script: string, options: readonly string[]): ChildProcess {
  const child = fork(join(import.meta.dirname, script), options);
  child.once('exit', (code) => {
    // Nothing is measured with a part missing.
    if (code !== 0) throw new Error(`${script} ${options.join(' ')} ended with code ${code}`);
  });
  process.once('exit', () => child.kill());
  return child;
}

async function invoke(detector: ChildProcess, { second, keys }: SecondStored): Promise<Completion> {
  detector.send({ type: 'invoke', second, keys });
  const [completion] = (await once(detector, 'message')) as [Completion];
  return completion;
}

async function fetchOnce(detector: ChildProcess, keys: readonly string[]): Promise<number> {
  detector.send({ type: 'fetch', keys });
  const [{ milliseconds }] = (await once(detector, 'message')) as [Fetched];
  return milliseconds;
}

function serverSeconds({ serverPid }: DistributedRun): number {
  const seconds = processCpuSeconds(serverPid);
  if (seconds === undefined) throw new Error('the S3 server is gone');
  return seconds;
}
