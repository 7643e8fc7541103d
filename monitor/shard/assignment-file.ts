import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Logger } from 'pino';
import { type Assignment, parseAssignment } from '../../crds/assignment.ts';

/** Several events come with one change of a mounted ConfigMap. */
const settleMilliseconds = 50;
/** Events can be lost, and a node can run out of watches: the document is also looked at this often. */
const lookMilliseconds = 10_000;

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
  #looking: NodeJS.Timeout | undefined;
  #generation = -1;
  #text = '';
  #error: string | undefined;
  /** What the document that was applied last left undone. */
  #appliedError: string | undefined;
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

  /** Reads the document and every later change of it. A document that is wrong is refused, not fatal. */
  async follow(): Promise<void> {
    try {
      this.#watcher = watch(dirname(this.#path), () => this.#soon());
      this.#watcher.on('error', (error) => this.#notWatched(error));
    } catch (error) {
      this.#notWatched(error as Error);
    }
    this.#looking = setInterval(() => this.#soon(), lookMilliseconds).unref();
    await this.#readNext();
  }

  close(): void {
    this.#watcher?.close();
    clearTimeout(this.#timer);
    clearInterval(this.#looking);
  }

  #notWatched(error: NodeJS.ErrnoException): void {
    this.#logger.warn(
      { reason: error.code },
      `the assignment's directory cannot be watched: it is looked at every ${lookMilliseconds / 1000} s`,
    );
  }

  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#readNext(), settleMilliseconds);
  }

  /** Reads after the reading before, so that a document in force is never mixed with the next. */
  #readNext(): Promise<void> {
    this.#applying = this.#applying.then(() => this.#read());
    return this.#applying;
  }

  async #read(): Promise<void> {
    const assignment = await this.#readDocument().catch((error: Error) => {
      this.#refuse(error, 'assignment refused: what ran before goes on');
    });
    if (!assignment) return;
    this.#generation = assignment.generation;
    this.#error = undefined;
    this.#appliedError = undefined;
    const { generation, streams } = assignment;
    try {
      await this.#apply(assignment);
      this.#logger.info({ generation, streams: streams.length }, 'assignment applied');
    } catch (error) {
      this.#refuse(error as Error, 'assignment applied in part');
      this.#appliedError = this.#error;
    }
  }

  /** The document, when it is another than the one that was applied last. */
  async #readDocument(): Promise<Assignment | undefined> {
    const text = await readFile(this.#path, 'utf8');
    if (text === this.#text) {
      this.#error = this.#appliedError;
      return undefined;
    }
    const unknown: string[] = [];
    const assignment = parseAssignment(parsed(text), (path) => unknown.push(path));
    if (assignment.generation < this.#generation) {
      throw new Error(`generation ${assignment.generation} is older than ${this.#generation}, which runs`);
    }
    this.#text = text;
    // Of a newer operator, while it rolls out: to refuse the whole would hold up every move.
    if (unknown.length > 0)
      this.#logger.warn({ unknown }, 'fields of the assignment that this version does not know are left out');
    return assignment;
  }

  /** Tells once: a document that stays wrong is read again and again. The reason names fields, never values. */
  #refuse({ message }: Error, told: string): void {
    const reason = `${basename(this.#path)}: ${message}`;
    if (reason !== this.#error) this.#logger.error({ reason }, told);
    this.#error = reason;
  }
}

/** The parser's own message would quote the document. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('the document is not JSON');
  }
}
