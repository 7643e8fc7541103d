import { readFileSync } from 'node:fs';

/** Clock ticks a second in /proc: USER_HZ, 100 on every Linux that Node runs on (proc(5)). */
const ticksPerSecond = 100;

/**
 * CPU seconds, user and system, that a process and its children that it waited for have taken so far, in steps of
 * 10 ms; undefined when it is gone.
 */
export function processCpuSeconds(pid: number): number | undefined {
  const stat = statOf(pid);
  return stat === undefined ? undefined : ticksOf(stat) / ticksPerSecond;
}

/** utime, stime, cutime and cstime of a line of /proc/PID/stat, summed; the command's name may hold anything. */
export function ticksOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
}

/** A process and all its descendants that run. */
export function processTree(pid: number): readonly number[] {
  return [pid, ...childrenOf(pid).flatMap(processTree)];
}

/** CPU seconds of a process and all its descendants. */
export function treeCpuSeconds(pid: number): number {
  return processTree(pid).reduce((sum, each) => sum + (processCpuSeconds(each) ?? 0), 0);
}

/** Bytes of memory of a process and all its descendants, what they share counted once (proportional set size). */
export function treeMemoryBytes(pid: number): number {
  return processTree(pid).reduce((sum, each) => sum + memoryBytes(each), 0);
}

function memoryBytes(pid: number): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function childrenOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
    return children.trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function statOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
}
