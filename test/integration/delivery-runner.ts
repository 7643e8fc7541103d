import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Assignment } from '../../crds/assignment.ts';
import type { StateDirectory } from './state-directory.ts';

const script = fileURLToPath(new URL('delivery-process.ts', import.meta.url));

export interface DeliveryProcess {
  /** Ids of the incidents whose changes the process has taken on. */
  readonly accepted: readonly string[];
  readonly drained: () => boolean;
  /** Kills it with -9 and waits for its end. */
  kill(): Promise<void>;
}

/** Starts a process that notifies and records `count` incidents, opened and closed. */
export function startDelivery(
  directory: StateDirectory,
  assignment: Assignment,
  count: number,
): DeliveryProcess {
  const lines: string[] = [];
  const child: ChildProcess = spawn(
    process.execPath,
    [script, directory.state, directory.secrets, JSON.stringify(assignment), String(count)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let rest = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop()!;
    lines.push(...parts);
  });
  return {
    get accepted() {
      return lines.filter((line) => line !== 'drained');
    },
    drained: () => lines.includes('drained'),
    kill: async () => {
      const exit = once(child, 'close');
      child.kill('SIGKILL');
      await exit;
    },
  };
}
