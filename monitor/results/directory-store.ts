import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ObjectStore } from './object-store.ts';

/** Objects as files below a local directory. */
export class DirectoryStore implements ObjectStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async put(key: string, body: Buffer, _contentType: string, signal: AbortSignal): Promise<void> {
    const path = join(this.#directory, key);
    await mkdir(dirname(path), { recursive: true });
    // Readers look for *.jsonl.gz: a file in the making must not match.
    await writeFile(`${path}.new`, body, { signal, flush: true });
    await rename(`${path}.new`, path);
  }

  close(): void {}
}
