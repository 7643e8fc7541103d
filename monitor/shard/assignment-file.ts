import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Logger } from 'pino';
import { type Assignment, parseAssignment } from '../../crds/assignment.ts';

/** Several events come with one change of a mounted ConfigMap. */
const settleMilliseconds = 50;

/**
 * Follows the assignment document of this shard. It may be a plain file or a mounted ConfigMap key, whose
 * directory is swapped through a symbolic link: the directory is watched, not the file.
 */
export class AssignmentFile {
  readonly #path: string;
  readonly #apply: (assignment: Assignment) => Promise<void>;
  readonly #logger: Logger;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #generation = -1;
  #text = '';
  #error: string | undefined;
  #applying: Promise<void> = Promise.resolve();

  constructor(path: string, apply: (assignment: Assignment) => Promise<void>, logger: Logger) {
    this.#path = path;
    this.#apply = apply;
    this.#logger = logger;
  }

  /** Why the document that lies there now was refused; what ran before goes on. */
  get error(): string | undefined {
    return this.#error;
  }

  get generation(): number {
    return Math.max(0, this.#generation);
  }

  /** Reads the document and every later change of it. A document that is wrong is refused, not fatal. */
  async follow(): Promise<void> {
    this.#watcher = watch(dirname(this.#path), () => this.#soon());
    await this.#read();
  }

  close(): void {
    this.#watcher?.close();
    clearTimeout(this.#timer);
  }

  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#applying = this.#applying.then(() => this.#read());
    }, settleMilliseconds);
  }

  async #read(): Promise<void> {
    try {
      const text = await readFile(this.#path, 'utf8');
      if (text === this.#text) return;
      const assignment = parseAssignment(JSON.parse(text));
      if (assignment.generation < this.#generation) {
        throw new Error(`generation ${assignment.generation} is older than ${this.#generation}, which runs`);
      }
      this.#text = text;
      this.#generation = assignment.generation;
      await this.#apply(assignment);
      this.#error = undefined;
      this.#logger.info(
        { generation: assignment.generation, streams: assignment.streams.length },
        'assignment applied',
      );
    } catch (error) {
      // The reason names fields of the document, never their values.
      this.#error = `${basename(this.#path)}: ${(error as Error).message}`;
      this.#logger.error({ reason: this.#error }, 'assignment refused: what ran before goes on');
    }
  }
}
