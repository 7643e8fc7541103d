import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { clusterBinaries } from './binaries.ts';

/**
 * What kubectl prints.
 * @throws Error with what it wrote to stderr when it fails
 */
export async function runKubectl(args: readonly string[], input = ''): Promise<string> {
  const child = spawn(clusterBinaries().kubectl, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const exit = once(child, 'exit') as Promise<[number | null]>;
  // It may end without having read its input.
  child.stdin.on('error', () => {}).end(input);
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${errors.trim()}`);
  return output;
}
