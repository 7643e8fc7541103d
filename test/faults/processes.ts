import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** A process of this machine. */
export interface Found {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** All processes that were started with temporary files below a directory: those of a run and their children. */
export async function processesOf(directory: string): Promise<Found[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      if (pid === process.pid) return [];
      const [environment, stat, line] = await Promise.all(
        ['environ', 'stat', 'cmdline'].map((file) =>
          readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => ''),
        ),
      );
      const ofRun = environment!.split('\0').some((text) => text.startsWith(`TMPDIR=${directory}`));
      const [, state, parent] = /^.*\) (\S) (\d+) /s.exec(stat!) ?? [];
      if (!ofRun || state === undefined || state === 'Z') return [];
      return [{ pid, parent: Number(parent), command: basename(line!.split('\0')[0] ?? '') }];
    }),
  );
  return found.flat();
}

/** Those of `all` that a process started, and what they started. */
export function below(pid: number, all: readonly Found[]): Found[] {
  const children = all.filter(({ parent }) => parent === pid);
  return children.flatMap((child) => [child, ...below(child.pid, all)]);
}

/**
 * Sets a limit of a process, as `prlimit` takes it; `--fsize=0:` is the soft one, which can be raised again. Nothing
 * happens where the process has ended.
 */
export async function limit(pid: number, option: string): Promise<void> {
  await execute('prlimit', ['--pid', String(pid), option]).catch((error: Error) => {
    if (!/No such process/.test(error.message)) throw error;
  });
}

/** Memory of its own that it may write to, in bytes. */
export async function writableMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return 1024 * Number(/^VmData:\s+(\d+)/m.exec(status)?.[1]);
}
