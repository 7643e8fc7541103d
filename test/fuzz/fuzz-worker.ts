import { parentPort, workerData } from 'node:worker_threads';
import { Random } from '../accuracy/random.ts';
import type { Samples } from './samples.ts';
import { targets } from './targets.ts';
import { untrusted } from './untrusted.ts';

/** What a worker is told. */
export interface Stretch {
  readonly target: string;
  readonly seed: number;
  readonly from: number;
  readonly runs: number;
  readonly samples: Samples;
  /** Number of the input that is being read, for whoever watches. */
  readonly place: SharedArrayBuffer;
}

/** What a worker tells: a throw that nobody meant, with the smallest input that was found for it; or the end. */
export type Told =
  | { readonly finding: number; readonly error: string; readonly input: Uint8Array }
  | { readonly slowest: number; readonly milliseconds: number };

const { target: name, seed, from, runs, samples, place } = workerData as Stretch;
const target = targets.find((each) => each.name === name)!;
const progress = new Int32Array(place);
const restored: Samples = {
  ...samples,
  ...{ ts: Buffer.from(samples.ts), mp4: Buffer.from(samples.mp4), adts: Buffer.from(samples.adts) },
  nut: samples.nut.map((bytes) => Buffer.from(bytes)),
};
let slowest = { slowest: from, milliseconds: 0 };
for (let index = from; index < runs; index++) {
  Atomics.store(progress, 0, index);
  const input = target.input(new Random(seed, name, index), restored);
  const began = performance.now();
  const finding = await untrusted(target, input);
  const milliseconds = performance.now() - began;
  if (milliseconds > slowest.milliseconds) slowest = { slowest: index, milliseconds };
  if (finding) parentPort!.postMessage({ finding: index, ...finding } satisfies Told);
}
parentPort!.postMessage(slowest satisfies Told);
