import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { CustomDetector } from '../../crds/custom-detectors.ts';
import type { DetectorManifest, DetectorSettings } from '../../crds/detector-manifest.ts';
import { resolveDetector } from '../../crds/detector-settings.ts';
import { parametersSchema } from '../../crds/detectors-schema.ts';
import { ValidationError, validate } from '../../crds/validation-error.ts';
import type { ActiveDetector } from '../watch/detector-selection.ts';
import type { FailureReason, RunningDetector } from '../watch/running-detector.ts';
import { IsolatedDetector } from './isolated-detector.ts';
import { ModuleFolder } from './module-folder.ts';
import { ModuleHost } from './module-host.ts';

export interface CustomModulesOptions {
  /** `DIR/{module}/detector.mjs`. */
  readonly directory: string | undefined;
  readonly logger: Logger;
  /** Told of the time of each step, in ms. */
  readonly onStep?: (milliseconds: number) => void;
}

interface Module {
  readonly folder: ModuleFolder;
  readonly revision: string;
  readonly host: ModuleHost;
  /** Streams were begun while it was still being imported. */
  awaited: boolean;
}

/** Longest that streams wait for the import of a module, in ms; one that takes longer joins them later. */
const importMilliseconds = 3000;
/** How often it is looked whether a module changed, in ms. */
const lookMilliseconds = 5000;
/** Of a detector whose manifest is not known. */
const unloaded: Omit<DetectorManifest, 'type' | 'title'> = {
  description: '',
  kinds: {},
  needs: ['reduced'],
  cost: { fixed: 0, perMegapixel: 0 },
  defaults: { enabled: true, severity: 'warning', minDuration: '0s' },
  thresholds: { enter: 1, exit: 1 },
  parameters: {},
};

/** The modules that the detectors of this process come from, each with one thread for all of its streams. */
export class CustomModules {
  readonly #options: CustomModulesOptions;
  readonly #modules = new Map<string, Module>();
  #timer: NodeJS.Timeout | undefined;
  #onChange: () => void = () => {};

  constructor(options: CustomModulesOptions) {
    this.#options = options;
  }

  /** `onChange`: what `version` says of a module that is in use is another now. */
  follow(onChange: () => void): void {
    this.#onChange = onChange;
    this.#timer = setInterval(() => this.#look(), lookMilliseconds).unref();
  }

  /** Starts these modules, ends all others, and waits for a bounded time until it is known what they are. */
  async use(names: readonly string[]): Promise<void> {
    for (const name of this.#modules.keys()) if (!names.includes(name)) this.#end(name);
    for (const name of names) if (!this.#modules.has(name)) this.#start(name);
    const hosts = names.map((name) => this.#modules.get(name)!);
    await Promise.race([
      Promise.all(hosts.map(({ host }) => host.loaded)),
      sleep(importMilliseconds, undefined, { ref: false }),
    ]);
    for (const module of hosts) module.awaited = module.host.outcome === undefined;
  }

  /** Changes with the files of a module, and with what became of its import. */
  version(name: string): string {
    const module = this.#modules.get(name);
    return `${module?.revision} ${module?.host.outcome === undefined ? 'importing' : 'imported'}`;
  }

  /** CPU of all threads, in seconds. */
  async cpuSeconds(): Promise<number> {
    const all = await Promise.all([...this.#modules.values()].map(({ host }) => host.cpuSeconds()));
    return all.reduce((sum, seconds) => sum + seconds, 0);
  }

  /** Detectors of modules that are in use, ready for a stream; those that cannot run say why. */
  select(custom: readonly CustomDetector[]): ActiveDetector[] {
    return custom.map((entry) => this.#active(entry));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#modules.values()].map(({ host }) => host.close()));
  }

  #active(entry: CustomDetector): ActiveDetector {
    const { name, module } = entry;
    const host = this.#modules.get(module)?.host;
    const outcome = host?.outcome ?? { problem: 'it is still being imported' };
    if ('problem' in outcome) {
      const manifest = { ...unloaded, type: name, title: name };
      return failed(manifest, entry, 'load', `module ${module} cannot be loaded: ${outcome.problem}`);
    }
    // Under the name that the user gave it: a module can be used more than once.
    const manifest = { ...outcome.manifest, type: name };
    let parameters: Readonly<Record<string, number | boolean | string>>;
    try {
      parameters = checkParameters(manifest, entry.parameters);
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      const problems = error.message.replaceAll('\n', '; ');
      const message = `spec.detectors.custom, ${name}: ${problems}`;
      return failed(manifest, entry, 'parameters', message);
    }
    const settings = settingsOf(manifest, { ...entry, parameters });
    const { onStep } = this.#options;
    const create = (): RunningDetector =>
      new IsolatedDetector({
        host: host!,
        module,
        manifest,
        parameters: settings.parameters,
        minDuration: settings.minDuration,
        ...(onStep && { onStep }),
      });
    return { definition: { manifest, create }, settings, module };
  }

  #start(name: string): void {
    const { directory, logger } = this.#options;
    const folder = new ModuleFolder(directory, name);
    const host = new ModuleHost(name, folder, logger);
    const module = { folder, revision: folder.revision, host, awaited: false };
    this.#modules.set(name, module);
    host.start();
    void host.loaded.then(() => {
      if (module.awaited && this.#modules.get(name) === module) this.#onChange();
    });
  }

  #end(name: string): void {
    void this.#modules.get(name)?.host.close();
    this.#modules.delete(name);
  }

  #look(): void {
    const changed = [...this.#modules].filter(([, { folder, revision }]) => folder.revision !== revision);
    if (changed.length === 0) return;
    for (const [name] of changed) {
      this.#options.logger.info({ module: name }, 'module changed');
      this.#end(name);
    }
    this.#onChange();
  }
}

/** @throws ValidationError naming each wrong parameter */
function checkParameters(
  manifest: DetectorManifest,
  parameters: CustomDetector['parameters'] = {},
): Readonly<Record<string, number | boolean | string>> {
  const schema = z.strictObject({ parameters: parametersSchema(manifest) });
  return validate(schema, { parameters }).parameters as Readonly<Record<string, number | boolean | string>>;
}

function settingsOf(
  manifest: DetectorManifest,
  { severity, minDuration, mergeGap, parameters = {} }: CustomDetector,
): DetectorSettings {
  return resolveDetector(manifest, {
    ...parameters,
    enabled: true,
    ...(severity && { severity }),
    ...(minDuration !== undefined && { minDuration }),
    ...(mergeGap !== undefined && { mergeGap }),
  });
}

/** A detector that cannot tell from the first observation on. */
function failed(
  manifest: DetectorManifest,
  { parameters: _, ...entry }: CustomDetector,
  reason: FailureReason,
  message: string,
): ActiveDetector {
  const create = (): RunningDetector => {
    let told = false;
    return {
      step: () => {
        if (told) return [];
        told = true;
        return [{ failed: reason, message }];
      },
    };
  };
  return {
    definition: { manifest, create },
    settings: settingsOf(manifest, { ...entry, parameters: {} }),
    module: entry.module,
  };
}
