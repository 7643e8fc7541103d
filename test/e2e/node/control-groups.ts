import { mkdir, readdir, readFile, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeLayouts } from './node-layout.ts';

const root = '/sys/fs/cgroup';

/** Makes the group below which each kubelet puts its pods, in every hierarchy that the machine has. */
export async function createControlGroups(): Promise<void> {
  for (const group of await controlGroups()) await mkdir(group, { recursive: true });
}

/** Kills every process that is left in a pod, then removes the groups. */
export async function removeControlGroups(): Promise<void> {
  for (const group of await controlGroups()) {
    const nested = await groupsBelow(group);
    for (let attempt = 0; attempt < 50 && (await kill(nested)); attempt++) await sleep(100);
    for (const each of nested) await rmdir(each).catch(() => {});
  }
}

/** Version 2 of cgroups has one hierarchy, at the root; version 1 has one for each controller. */
async function controlGroups(): Promise<string[]> {
  const unified = await stat(join(root, 'cgroup.controllers')).catch(() => undefined);
  const names = nodeLayouts.map(({ controlGroup }) => controlGroup);
  if (unified) return names.map((name) => join(root, name));
  const controllers = await readdir(root, { withFileTypes: true });
  return controllers
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => names.map((name) => join(root, entry.name, name)));
}

/** The group and all below it, deepest first. */
async function groupsBelow(group: string): Promise<string[]> {
  const entries = await readdir(group, { withFileTypes: true }).catch(() => undefined);
  if (!entries) return [];
  const below = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => groupsBelow(join(group, name)));
  return [...(await Promise.all(below)).flat(), group];
}

/** Whether there was a process to kill. */
async function kill(groups: readonly string[]): Promise<boolean> {
  let found = false;
  for (const group of groups) {
    const processes = await readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => '');
    for (const pid of processes.split('\n').filter(Boolean)) {
      found = true;
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    }
  }
  return found;
}
