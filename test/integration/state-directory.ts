import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

/** A state directory and a directory of mounted Secrets of one test, removed after it. */
export interface StateDirectory {
  readonly state: string;
  readonly secrets: string;
  writeSecret(name: string, key: string, value: string): void;
}

/** `atEnd`: who removes it; a test that runs beside others names its own end. */
export function stateDirectory(atEnd: (remove: () => void) => void = onTestFinished): StateDirectory {
  const root = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
  atEnd(() => rmSync(root, { recursive: true, force: true }));
  const [state, secrets] = [join(root, 'state'), join(root, 'secrets')];
  mkdirSync(state);
  return {
    state,
    secrets,
    writeSecret: (name, key, value) => {
      mkdirSync(join(secrets, name), { recursive: true });
      writeFileSync(join(secrets, name, key), value);
    },
  };
}

/** A secret as Standard Webhooks write it. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(24).toString('base64')}`;
}

/** @throws Error when the condition does not come true in time */
export async function until(condition: () => boolean, seconds: number): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${seconds} s`);
    await sleep(10);
  }
}
