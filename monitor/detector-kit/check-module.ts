import { basename, dirname, extname, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { pino } from 'pino';
import type { CustomDetector } from '../../crds/custom-detectors.ts';
import type { DetectorManifest } from '../../crds/detector-manifest.ts';
import { CustomModules } from '../modules/custom-modules.ts';
import { moduleFile } from '../modules/module-folder.ts';
import type { ActiveDetector } from '../watch/detector-selection.ts';
import type { RunningDetector } from '../watch/running-detector.ts';
import { type MediaRun, runOverMedia } from './media-run.ts';
import { syntheticSeconds, syntheticStream } from './synthetic-stream.ts';

export interface ModuleCheckOptions {
  /** Media files that the module is run over. */
  readonly media?: readonly string[];
  readonly parameters?: CustomDetector['parameters'];
}

/** What was found out about a module. */
export interface ModuleCheck {
  /** Absent where the module cannot be loaded. */
  readonly manifest?: DetectorManifest;
  /** What the contract forbids; empty when all is well. */
  readonly breaches: readonly string[];
  /** What the author should look at. */
  readonly remarks: readonly string[];
  /** CPU of a step, in ms per second of a synthetic stream. */
  readonly cost: number;
  readonly runs: readonly MediaRun[];
}

type Said = ReturnType<RunningDetector['step']>[number];

/** How many times the declared cost a module may take before it is remarked. */
const costTolerance = 2;
/** Observations that may be without an answer. */
const open = 8;

/**
 * Checks a module as a shard would run it, in a thread of its own: its manifest, its parameters, a synthetic stream
 * with all that the contract lets it meet, and media files.
 * @param path the module's folder, or its detector.mjs
 * @throws Error when the path is not that of a module
 */
export async function checkModule(path: string, options: ModuleCheckOptions = {}): Promise<ModuleCheck> {
  const folder = folderOf(path);
  const module = basename(folder);
  let milliseconds = 0;
  const modules = new CustomModules({
    directory: dirname(folder),
    logger: pino({ level: 'silent' }),
    onStep: (spent) => {
      milliseconds += spent;
    },
  });
  try {
    await modules.use([module]);
    const [detector] = modules.select([{ name: 'module', module, parameters: options.parameters }]);
    const { breaches, said } = await observe(detector!);
    const cost = milliseconds / syntheticSeconds;
    if (breaches.length > 0) return { breaches, remarks: [], cost, runs: [] };

    const { definition } = detector!;
    const again = await observe(detector!);
    if (!isDeepStrictEqual(again.said, said)) {
      breaches.push(
        'it says another thing of the same observations: step reads a clock, is random, or keeps state outside of create',
      );
    }
    const runs: MediaRun[] = [];
    for (const file of options.media ?? []) {
      milliseconds = 0;
      const run = await runOverMedia(file, detector!);
      runs.push({ ...run, cost: run.seconds > 0 ? milliseconds / run.seconds : 0 });
      breaches.push(...run.failures.map((failure) => `${file}: ${failure}`));
    }
    return {
      manifest: definition.manifest,
      breaches,
      remarks: remarksOn(definition.manifest, said, cost),
      cost,
      runs,
    };
  } finally {
    await modules.close();
  }
}

function folderOf(path: string): string {
  const absolute = resolve(path);
  if (extname(absolute) !== '.mjs') return absolute;
  if (basename(absolute) !== moduleFile) throw new Error(`${path}: the file must be called ${moduleFile}`);
  return dirname(absolute);
}

/** Runs one instance over the synthetic stream, up to its first failure. */
async function observe({
  definition,
  settings,
}: ActiveDetector): Promise<{ breaches: string[]; said: readonly Said[] }> {
  const detector = definition.create(settings.parameters, settings);
  const { isolation } = detector;
  const said: Said[] = [];
  isolation?.beginSession(false);
  try {
    for (const observation of syntheticStream()) {
      said.push(...detector.step(observation));
      await isolation?.settled(open);
      if (said.some((one) => 'failed' in one)) break;
    }
    await isolation?.settled(0);
    said.push(...(isolation?.take() ?? []));
  } finally {
    isolation?.close();
  }
  const breaches = said.flatMap((one) =>
    'failed' in one ? [one.message.replace(/; it is started again.*$/, '')] : [],
  );
  return { breaches, said };
}

function remarksOn(
  { cost: declared, kinds }: DetectorManifest,
  said: readonly Said[],
  cost: number,
): string[] {
  const remarks: string[] = [];
  if (cost > costTolerance * Math.max(1, declared.fixed)) {
    remarks.push(
      `cost.fixed declares ${declared.fixed} ms a second, and ${cost.toFixed(1)} ms were measured at 320 columns`,
    );
  }
  const judged = new Set(said.flatMap((one) => ('kind' in one ? [one.kind] : [])));
  const silent = Object.keys(kinds).filter((kind) => !judged.has(kind));
  if (silent.length > 0) remarks.push(`nothing was said of ${silent.join(', ')} in the synthetic stream`);
  if (!said.some((one) => 'unknown' in one && one.unknown !== undefined)) {
    remarks.push('it never says unknown, also not of a stream without tracks');
  }
  return remarks;
}
