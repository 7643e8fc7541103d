import { type FileHandle, open } from 'node:fs/promises';

/** State of a workflow as it is after a transition, one a line, on disk before the next step begins. */
export class WorkflowLog {
  readonly #file: FileHandle;
  transitions = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(path: string): Promise<WorkflowLog> {
    return new WorkflowLog(await open(path, 'a'));
  }

  async append(state: unknown): Promise<void> {
    this.transitions++;
    await this.#file.appendFile(`${JSON.stringify(state)}\n`);
    await this.#file.datasync();
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
