import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** Debian keeps what administers a machine in folders that not every user's PATH has. */
const environment = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

/**
 * Runs a command to its end.
 * @param input given on standard input
 * @returns what it printed
 * @throws Error with what it wrote to stderr when it fails
 */
export async function command(words: readonly string[], input = ''): Promise<string> {
  const [program = '', ...args] = words;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: environment });
  // It may end without having read its input.
  child.stdin.on('error', () => {}).end(input);
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  if (code !== 0) throw new Error(`${words.join(' ')}: ${errors.trim() || output.trim()}`);
  return output;
}

/** The same where failing means that there is nothing to do. */
export async function attempt(words: readonly string[]): Promise<string | undefined> {
  return command(words).catch(() => undefined);
}
