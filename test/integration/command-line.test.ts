import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it, test } from 'vitest';
import { commands } from '../../bin/commands.ts';
import { completionScripts } from '../../cli/completion-scripts.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

function execute(command: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(command, args, (_, output, errors) => {
      resolve({ code: child.exitCode!, output, errors });
    });
  });
}
const streammonitor = (...args: string[]) => execute(`${root}bin/streammonitor`, args);

describe('streammonitor', () => {
  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
    expect(await streammonitor('--version')).toEqual({ code: 0, output: `${version}\n`, errors: '' });
  });

  it('lists its subcommands', async () => {
    const { code, output } = await streammonitor('--help');
    expect(code).toBe(0);
    for (const name of Object.keys(commands)) expect(output).toMatch(new RegExp(`^  ${name} `, 'm'));
    // No colours where there is no terminal.
    expect(output).toBe(stripVTControlCharacters(output));
  });

  it.each([
    [['prob'], 'Did you mean probe?'],
    [['probe', '--jsn', 'a.ts'], '--jsn'],
    [['run'], '--file'],
    [[], 'Usage: streammonitor'],
  ])('ends with 2, never with what probe says of defects, for %j', async (args, told) => {
    const { code, output, errors } = await streammonitor(...args);
    expect([code, output]).toEqual([2, '']);
    expect(errors).toContain(told);
  });
});

describe('in bash', () => {
  /** What the completion of the real shell offers after a line. */
  async function offered(line: string): Promise<string[]> {
    const script = `
      ${completionScripts.bash('streammonitor')}
      COMP_LINE=$1 COMP_POINT=\${#1}
      _streammonitor 2>/dev/null
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { output } = await execute('bash', ['-c', script, 'bash', line]);
    return output.split('\n').filter((word) => word !== '');
  }
  const typed = `${root}bin/streammonitor`;

  it('commands, options and values are completed', async () => {
    const lines = [
      `${typed} te`,
      `${typed} top --so`,
      `${typed} top --sort=l`,
      `${typed} probe --detectors freeze,si`,
    ];
    expect(await Promise.all(lines.map(offered))).toEqual([
      ['test-detector'],
      ['--sort'],
      ['lag'],
      ['freeze,silence'],
    ]);
  });

  it.each(['bash', 'zsh', 'fish'])('%s is given the script that it sources', async (shell) => {
    const { output } = await streammonitor('completion', shell);
    expect(output).toContain('complete');
    expect(output).toContain('streammonitor');
  });
});

test('what top shows of a page that is not there names the fix', async () => {
  const { code, output, errors } = await streammonitor('top', '--url', 'http://127.0.0.1:1');
  expect([code, output]).toEqual([1, '']);
  expect(errors).toContain('give the address of the page of run or of a shard');
});
