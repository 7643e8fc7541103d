import { Worker } from 'node:worker_threads';
import { Random } from '../accuracy/random.ts';
import type { Stretch, Told } from './fuzz-worker.ts';
import type { Samples } from './samples.ts';
import type { FuzzTarget } from './target.ts';

/** ms for one input: what takes longer holds up every stream of a shard. Generous, since the machine may be busy. */
const hang = 5000;
/** MiB of objects, and bytes of the whole process, that reading one input may take. */
const mostObjects = 512;
const mostResident = 1536 * 1024 * 1024;

/** What went wrong with one input. */
export interface FuzzFinding {
  readonly target: string;
  readonly index: number;
  readonly kind: 'throw' | 'hang' | 'memory';
  readonly error: string;
  readonly input: Buffer;
}

export interface FuzzResult {
  readonly target: string;
  readonly runs: number;
  readonly slowestMilliseconds: number;
  readonly findings: readonly FuzzFinding[];
}

/** Feeds `runs` inputs to a reader in a thread of its own, which is ended where an input takes too long or too much. */
export async function fuzzParser(
  target: FuzzTarget,
  { seed, runs, samples }: { readonly seed: number; readonly runs: number; readonly samples: Samples },
): Promise<FuzzResult> {
  const findings: FuzzFinding[] = [];
  let slowestMilliseconds = 0;
  const inputOf = (index: number) => target.input(new Random(seed, target.name, index), samples);
  for (let from = 0; from < runs; ) {
    const end = await stretch(
      { target: target.name, seed, from, runs, samples, place: new SharedArrayBuffer(4) },
      (told) => {
        if ('slowest' in told) slowestMilliseconds = Math.max(slowestMilliseconds, told.milliseconds);
        else {
          const { finding: index, error, input } = told;
          findings.push({ target: target.name, index, kind: 'throw', error, input: Buffer.from(input) });
        }
      },
    );
    if (!end) break;
    findings.push({ target: target.name, ...end, input: inputOf(end.index) });
    from = end.index + 1;
  }
  return { target: target.name, runs, slowestMilliseconds, findings };
}

/** Runs one worker to its end; the input at which it had to be ended, if it had to. */
function stretch(
  data: Stretch,
  onTold: (told: Told) => void,
): Promise<Pick<FuzzFinding, 'index' | 'kind' | 'error'> | undefined> {
  const progress = new Int32Array(data.place);
  Atomics.store(progress, 0, data.from);
  const worker = new Worker(new URL('fuzz-worker.ts', import.meta.url), {
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: mostObjects },
  });
  return new Promise((resolve, reject) => {
    let [place, since, done] = [-1, performance.now(), false];
    const end = (how?: Pick<FuzzFinding, 'kind' | 'error'>) => {
      clearInterval(timer);
      const index = Atomics.load(progress, 0);
      worker.terminate().then(() => resolve(how && { index, ...how }), reject);
    };
    const timer = setInterval(() => {
      const now = Atomics.load(progress, 0);
      if (now !== place) [place, since] = [now, performance.now()];
      // The first input waits for the modules to load.
      const limit = now === data.from ? 4 * hang : hang;
      if (performance.now() - since > limit) end({ kind: 'hang', error: `not read within ${limit} ms` });
      else if (process.memoryUsage.rss() > mostResident)
        end({ kind: 'memory', error: `more than ${mostResident} bytes` });
    }, 100);
    worker.on('message', (told: Told) => {
      onTold(told);
      done = 'slowest' in told;
      if (done) end();
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') end({ kind: 'memory', error: error.message });
      else end({ kind: 'throw', error: `outside of the reading: ${error.stack ?? error.message}` });
    });
  });
}
