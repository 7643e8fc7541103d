import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecretKey } from '../../crds/assignment.ts';

/** Names and keys of Kubernetes Secrets; neither can leave the directory. */
const safeName = /^(?!\.\.?$)[A-Za-z0-9._-]{1,253}$/;

/** A secret that is not there or not readable. The message names it and holds none of its content. */
export class SecretError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SecretError';
  }
}

/** Secrets mounted as `directory/{name}/{key}`. Read anew each time, so that a rotated one counts at once. */
export class MountedSecrets {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * The text of one key, without surrounding white space.
   * @throws SecretError when it is missing, empty or misnamed
   */
  async read({ name, key }: SecretKey): Promise<string> {
    if (!safeName.test(name) || !safeName.test(key)) {
      throw new SecretError(`"${name}/${key}" is not a name and key of a Secret`);
    }
    let text: string;
    try {
      text = await readFile(join(this.#directory, name, key), 'utf8');
    } catch (error) {
      throw new SecretError(`key "${key}" of Secret "${name}" is not mounted: create it`, { cause: error });
    }
    if (text.trim() === '') throw new SecretError(`key "${key}" of Secret "${name}" is empty`);
    return text.trim();
  }
}
