import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { command } from './command.ts';

export const chart = fileURLToPath(new URL('../../charts/stream-monitor', import.meta.url));

const helmPath = fileURLToPath(new URL('../setup/helm.sh', import.meta.url));
let binary: string | undefined;

/**
 * Runs Helm as the administrator of a cluster.
 * @param input a file of values, named `-` in the arguments
 * @throws Error with what it wrote to stderr when it fails
 */
export function helm(kubeconfig: string, args: readonly string[], input = ''): Promise<string> {
  binary ??= execFileSync(helmPath, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
  return command([binary, '--kubeconfig', kubeconfig, ...args], input);
}
