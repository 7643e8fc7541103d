import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecretKey } from '../../crds/assignment.ts';

/** A Secret that is not mounted, or a value of the wrong form. Names the Secret and the key, never the value. */
export class SecretError extends Error {
  override name = 'SecretError';
}

/** Secrets as the kubelet mounts them: `DIR/{secret}/{key}`. Read at every use, so that a rotation takes effect. */
export class MountedSecrets {
  readonly #directory: string | undefined;

  constructor(directory: string | undefined) {
    this.#directory = directory;
  }

  /** @throws SecretError */
  read({ name, key }: SecretKey): string {
    if (this.#directory === undefined) {
      throw new SecretError(`Secret ${name}, key ${key}: no directory of Secrets was given (--secrets)`);
    }
    try {
      return readFileSync(join(this.#directory, name, key), 'utf8').trim();
    } catch (error) {
      throw new SecretError(`Secret ${name}, key ${key}: ${(error as NodeJS.ErrnoException).code}`, {
        cause: error,
      });
    }
  }

  /**
   * HTTP headers, one `Name: value` a line.
   * @throws SecretError
   */
  headers(reference: SecretKey | undefined): Record<string, string> {
    if (!reference) return {};
    const headers: Record<string, string> = {};
    for (const [index, line] of this.read(reference).split(/\r?\n/).entries()) {
      if (line.trim() === '') continue;
      const colon = line.indexOf(':');
      if (colon < 1) {
        throw new SecretError(
          `Secret ${reference.name}, key ${reference.key}: line ${index + 1} is not "Name: value"`,
        );
      }
      headers[line.slice(0, colon).trim()] = line.slice(colon + 1).trim();
    }
    return headers;
  }
}
