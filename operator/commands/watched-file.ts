import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Editors write in several steps. Milliseconds. */
const settleTime = 200;

/**
 * Reports each change of a text file. Its folder is watched, not the file: editors and mounted ConfigMaps put
 * another file in its place.
 */
export class WatchedFile {
  readonly #path: string;
  readonly #onChange: (text: string) => void;
  readonly #onError: (error: NodeJS.ErrnoException) => void;
  readonly #watcher: FSWatcher;
  #text: string;
  #timer: NodeJS.Timeout | undefined;

  /** @param text the content that is known already */
  constructor(
    path: string,
    text: string,
    onChange: (text: string) => void,
    onError: (error: NodeJS.ErrnoException) => void,
  ) {
    this.#path = path;
    this.#text = text;
    this.#onChange = onChange;
    this.#onError = onError;
    this.#watcher = watch(dirname(path), () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#read(), settleTime);
    });
    this.#watcher.on('error', onError);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#watcher.close();
  }

  async #read(): Promise<void> {
    try {
      const text = await readFile(this.#path, 'utf8');
      if (text === this.#text) return;
      this.#text = text;
      this.#onChange(text);
    } catch (error) {
      this.#onError(error as NodeJS.ErrnoException);
    }
  }
}
