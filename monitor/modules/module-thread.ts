// What runs in the thread of a module. It is started from its text alone, without the types: were it imported as a
// file, each thread would load the compiler that takes them out, for 11 MB and half a second.
import { isBuiltin, registerHooks } from 'node:module';
import process from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import type { LumaPlane } from '../kernels/luma-plane.ts';
import type { FromThread, ModuleObservation, ThreadData, ToThread } from './thread-messages.ts';

interface Module {
  readonly manifest?: unknown;
  create?(parameters: unknown, settings: unknown): { step?(observation: ModuleObservation): unknown };
}

const port = parentPort!;
const { entry, folder } = workerData as ThreadData;
const instances = new Map<number, { step?(observation: ModuleObservation): unknown }>();

/** The full-size plane of the last frame of each instance, which the next one is compared with. */
const lastPlanes = new Map<number, LumaPlane>();

const answer = (message: FromThread, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
/** Of what was said, the fields that a judgement can have: the rest need not cross. */
const fields = [
  'time',
  'kind',
  'score',
  'since',
  'severity',
  'area',
  'channel',
  'confidence',
  'source',
  'unknown',
];

// Against accidents: whoever means harm finds another way.
registerHooks({
  resolve(specifier, context, next) {
    if (isBuiltin(specifier)) throw new Error(`it imports ${specifier}, but a detector does no I/O`);
    const resolved = next(specifier, context);
    if (!resolved.url.startsWith(folder)) {
      throw new Error(`it imports ${specifier}, which is not in the folder of the module`);
    }
    return resolved;
  },
});
for (const name of ['process', 'fetch', 'WebSocket', 'EventSource', 'BroadcastChannel']) {
  Reflect.deleteProperty(globalThis, name);
}

/** Lines that it may still print, and their longest: a flood would be the other thread's. */
let lines = 100;
const longestLine = 500;
for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream);
  stream.write = (chunk: unknown) => {
    const printed = String(chunk).replace(/\n$/, '').split('\n', lines);
    lines -= printed.length;
    const cut = printed.map((line) => `${line.slice(0, longestLine)}\n`);
    return cut.length === 0 || write(cut.join(''));
  };
}

port.on('message', (message: ToThread) => {
  switch (message.type) {
    case 'create':
      create(message.instance, message.parameters, message.minDuration);
      break;
    case 'step':
      step(message.instance, withPrevious(message.instance, message.observation, message.follows));
      break;
    case 'destroy':
      instances.delete(message.instance);
      lastPlanes.delete(message.instance);
  }
});

let module: Module | undefined;
try {
  ({ default: module } = (await import(entry)) as { default?: Module });
  if (typeof module !== 'object' || module === null) {
    answer({ type: 'not-loaded', message: 'it has no default export with a manifest and create' });
  } else if (typeof module.create !== 'function') {
    answer({ type: 'not-loaded', message: 'create is not a function' });
  } else {
    // Only what is plain data can be published; this is also what a clone could refuse.
    answer({ type: 'loaded', manifest: JSON.parse(JSON.stringify(module.manifest ?? null)) });
  }
} catch (error) {
  answer({ type: 'not-loaded', message: textOf(error) });
}

function create(instance: number, parameters: unknown, minDuration: number): void {
  try {
    const detector = module!.create!(parameters, { minDuration });
    if (typeof detector?.step !== 'function') {
      answer({ type: 'failed', instance, reason: 'output', message: 'create returned no step function' });
      return;
    }
    instances.set(instance, detector);
    answer({ type: 'said', instance, said: [], milliseconds: 0 });
  } catch (error) {
    answer({ type: 'failed', instance, reason: 'threw', message: `create threw: ${textOf(error)}` });
  }
}

function step(instance: number, observation: ModuleObservation): void {
  const detector = instances.get(instance);
  if (!detector) {
    // It has failed; what was sent meanwhile is answered all the same, as every step is.
    answer({ type: 'said', instance, said: [], milliseconds: 0 });
    return;
  }
  try {
    const started = performance.now();
    const said = detector.step!(observation);
    const milliseconds = performance.now() - started;
    const buffer = doneWith(instance, observation);
    const message: FromThread = { type: 'said', instance, said: plain(said), milliseconds };
    answer(buffer ? { ...message, buffer } : message, buffer ? [buffer] : []);
  } catch (error) {
    instances.delete(instance);
    answer({ type: 'failed', instance, reason: 'threw', message: `step threw: ${textOf(error)}` });
  }
}

function withPrevious(
  instance: number,
  observation: ModuleObservation,
  follows: boolean | undefined,
): ModuleObservation {
  if (observation.type !== 'frame' || !observation.native || !follows) return observation;
  const previous = lastPlanes.get(instance);
  return previous ? { ...observation, native: { ...observation.native, previous } } : observation;
}

/** The buffer that no later step needs, to be filled again: planes are valid during the step only. */
function doneWith(instance: number, observation: ModuleObservation): ArrayBuffer | undefined {
  if (observation.type !== 'frame') return undefined;
  if (!observation.native) return observation.reduced.data.buffer as ArrayBuffer;
  const before = lastPlanes.get(instance);
  lastPlanes.set(instance, observation.native.current);
  return before?.data.buffer as ArrayBuffer | undefined;
}

/** Never more than one judgement beyond what is refused for its number. */
function plain(said: unknown): unknown {
  if (!Array.isArray(said)) return typeof said;
  return said.slice(0, 65).map((one: unknown) => {
    if (typeof one !== 'object' || one === null) return typeof one;
    const known = fields.filter((name) => name in one);
    return Object.fromEntries(known.map((name) => [name, primitive(one[name as never])]));
  });
}

function primitive(value: unknown): unknown {
  return typeof value === 'object' || typeof value === 'function' || typeof value === 'symbol' ? null : value;
}
