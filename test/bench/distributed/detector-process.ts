/** A detector of the distributed baseline: fetches, decodes and judges the frames of each second that it is given. */
import sharp from 'sharp';
import { resolveDetectors } from '../../../crds/detector-settings.ts';
import { FrameStore } from '../../../monitor/converter/frame-store.ts';
import type { Detector } from '../../../monitor/detectors/contract.ts';
import { loadDetectors } from '../../../monitor/watch/detector-registry.ts';
import { FrameBucket } from './frame-bucket.ts';
import type {
  Completion,
  DistributedRun,
  Fetched,
  FetchOnly,
  Invocation,
  PictureDetector,
} from './messages.ts';

/** Frames fetched ahead of the one that is judged. */
const fetchedAhead = 4;

const detector = process.argv[2] as PictureDetector;
sharp.concurrency(1);
sharp.cache(false);

process.once('message', async (run: DistributedRun) => {
  const bucket = new FrameBucket(run.store);
  const judge = await JudgeOfFrames.create(run);
  let started: NodeJS.CpuUsage | undefined;
  let frames = 0;
  process.on('message', async (message: Invocation | FetchOnly) => {
    if (message.type === 'fetch') {
      process.send!({
        type: 'fetched',
        milliseconds: await fetchAll(bucket, message.keys),
      } satisfies Fetched);
      process.disconnect();
      return;
    }
    let highestScore = 0;
    for await (const body of inOrder(bucket, message.keys)) {
      highestScore = Math.max(highestScore, await judge.frame(body));
      frames++;
    }
    // The first second warms up.
    started ??= process.cpuUsage();
    const { user, system } = process.cpuUsage(started);
    const { second } = message;
    const { getCalls } = bucket;
    const milliseconds = (user + system) / 1000;
    const completion: Completion = {
      ...{ type: 'completed', detector, second, highestScore, frames, milliseconds, getCalls },
    };
    process.send!(completion);
  });
  process.send!({ type: 'ready' });
});

/** The monitor's own detector, kernels and frame memory, fed with decoded JPEGs. */
class JudgeOfFrames {
  readonly #detector: Detector;
  readonly #frames: FrameStore;
  readonly #frameRate: number;
  #count = 0;

  private constructor(own: Detector, { width, height, frameRate }: DistributedRun) {
    this.#detector = own;
    this.#frames = new FrameStore(width, height, true);
    this.#frameRate = frameRate;
    own.step({
      ...({ type: 'epoch', time: 0, hasVideo: true, hasAudio: false, frameRate } as const),
      transportSeen: false,
    });
  }

  static async create(run: DistributedRun): Promise<JudgeOfFrames> {
    const definition = (await loadDetectors()).get(detector);
    const settings = resolveDetectors()[detector];
    if (!definition || !settings) throw new Error(`there is no detector ${detector}`);
    const { parameters, minDuration } = settings;
    return new JudgeOfFrames(definition.create(parameters as never, { minDuration }), run);
  }

  /** Highest score that the detector gives with this frame. */
  async frame(jpeg: Uint8Array): Promise<number> {
    const luma = await sharp(jpeg).greyscale().raw().toBuffer();
    const target = this.#frames.target();
    if (luma.length !== target.length)
      throw new Error(`a frame has ${luma.length} samples, not ${target.length}`);
    target.set(luma);
    const time = this.#count++ / this.#frameRate;
    const judgements = this.#detector.step({ type: 'frame', time, ...this.#frames.take(time) });
    return Math.max(0, ...judgements.map((judgement) => ('score' in judgement ? judgement.score : 0)));
  }
}

async function* inOrder(bucket: FrameBucket, keys: readonly string[]): AsyncGenerator<Uint8Array> {
  const ahead: Promise<Uint8Array>[] = [];
  for (let next = 0; next < keys.length || ahead.length > 0; ) {
    while (ahead.length < fetchedAhead && next < keys.length) ahead.push(bucket.get(keys[next++]!));
    yield await ahead.shift()!;
  }
}

async function fetchAll(bucket: FrameBucket, keys: readonly string[]): Promise<number> {
  const started = process.cpuUsage();
  for await (const _ of inOrder(bucket, keys)) {
    // Fetching is all that is measured.
  }
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1000;
}
