import { readdir } from 'node:fs/promises';
import { managedState } from '../../integration/managed-state.ts';
import { eventually } from '../../integration/run-process.ts';
import type { Check } from '../check.ts';
import { processesOf } from '../processes.ts';

/** Seconds in which the last objects have to be gone. */
const patience = 60;

export default {
  name: 'left-behind',
  afterAll: async ({ live, there }) => {
    let left: string[] = [];
    const isEmpty = async () => {
      const state = await managedState(live.plane, there.name);
      left = Object.entries(state).flatMap(([kind, objects]) =>
        Object.keys(objects).map((name) => `${kind}/${name}`),
      );
      return left.length === 0;
    };
    return eventually('objects', isEmpty, patience).then(
      () => [],
      () => left.map((found) => ({ expected: 'no object of a StreamMonitor that is deleted', found })),
    );
  },
  afterEnd: async (directory) => {
    const [processes, files] = await Promise.all([processesOf(directory), readdir(directory)]);
    return [
      ...processes.map(({ pid, command }) => ({ expected: 'no process', found: `${command} (${pid})` })),
      ...files.map((file) => ({ expected: 'no temporary file or socket', found: file })),
    ];
  },
} satisfies Check;
