import { createHash } from 'node:crypto';
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ThreadData } from './thread-messages.ts';

/** File of a module's folder that is imported: the key of its ConfigMap. */
export const moduleFile = 'detector.mjs';

/** A module as it is mounted: `DIR/{module}/detector.mjs`, and what that imports from its folder. */
export class ModuleFolder {
  readonly #directory: string | undefined;
  readonly #name: string;

  constructor(directory: string | undefined, name: string) {
    this.#directory = directory;
    this.#name = name;
  }

  /**
   * Where the module is now: the kubelet swaps a link when the ConfigMap changes.
   * @throws Error naming the module
   */
  locate(): ThreadData {
    if (this.#directory === undefined) throw new Error('no folder of modules was given (--modules)');
    let entry: string;
    try {
      entry = realpathSync(join(this.#directory, this.#name, moduleFile));
    } catch {
      throw new Error(`there is no ${this.#name}/${moduleFile} among the modules: is its ConfigMap there?`);
    }
    const url = pathToFileURL(entry).href;
    return { entry: url, folder: url.slice(0, url.lastIndexOf('/') + 1) };
  }

  /** Changes whenever a file of the module does. */
  get revision(): string {
    if (this.#directory === undefined) return '';
    try {
      const folder = realpathSync(join(this.#directory, this.#name));
      const files = readdirSync(folder)
        .sort()
        .map((file) => {
          const { size, mtimeMs } = statSync(join(folder, file));
          return [file, realpathSync(join(folder, file)), size, mtimeMs];
        });
      return createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 12);
    } catch {
      return '';
    }
  }
}
