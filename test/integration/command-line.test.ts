import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

function streammonitor(...args: string[]): Promise<{ code: number; output: string; errors: string }> {
  return new Promise((resolve) => {
    const child = execFile(`${root}bin/streammonitor`, args, (_, output, errors) => {
      resolve({ code: child.exitCode!, output, errors });
    });
  });
}

describe('streammonitor', () => {
  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
    expect(await streammonitor('--version')).toEqual({ code: 0, output: `${version}\n`, errors: '' });
  });

  it('lists its subcommands', async () => {
    const { code, output } = await streammonitor('--help');
    expect(code).toBe(0);
    for (const name of ['operator', 'run', 'explain', 'probe', 'slate', 'monitor'])
      expect(output).toMatch(new RegExp(`^  ${name} `, 'm'));
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
