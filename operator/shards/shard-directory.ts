import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Assignment, parseAssignment } from '../../crds/assignment.ts';

/** One shard's files: its assignment, its state (which outlives the process), and the id of its process. */
export class ShardDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get assignmentPath(): string {
    return join(this.path, 'assignment', 'assignment.json');
  }

  get statePath(): string {
    return join(this.path, 'state');
  }

  /** Replaces the assignment in one step: a reader sees the old document or the new one. */
  async writeAssignment(assignment: Assignment): Promise<void> {
    await mkdir(join(this.path, 'assignment'), { recursive: true, mode: 0o700 });
    const temporary = join(this.path, 'assignment.json.new');
    await writeFile(temporary, JSON.stringify(assignment), { mode: 0o600 });
    await rename(temporary, this.assignmentPath);
  }

  /** @returns `undefined` when there is none that can be read */
  async readAssignment(): Promise<Assignment | undefined> {
    try {
      return parseAssignment(JSON.parse(await readFile(this.assignmentPath, 'utf8')));
    } catch {
      return undefined;
    }
  }

  async writeProcessId(pid: number): Promise<void> {
    await writeFile(join(this.path, 'pid'), String(pid));
  }

  /**
   * Waits for a process that an earlier supervisor left behind, and ends it when it stays: two must not share one
   * state. A process is known by its id and by this directory in its command line, as ids are used again.
   */
  async endLeftover(patience = 10_000): Promise<void> {
    const pid = Number(await readFile(join(this.path, 'pid'), 'utf8').catch(() => ''));
    if (!Number.isInteger(pid) || pid <= 1) return;
    const until = Date.now() + patience;
    while (await this.#isOurs(pid)) {
      if (Date.now() >= until) {
        kill(pid);
        return;
      }
      await sleep(50);
    }
  }

  async #isOurs(pid: number): Promise<boolean> {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return commandLine.split('\0').includes(this.assignmentPath);
  }

  async delete(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

/** Names of the shards that have a directory below `path`. */
export async function shardsBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
