import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, describe, expect, it, test } from 'vitest';
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

describe('streammonitor cost', () => {
  const directory = mkdtempSync(join(tmpdir(), 'streammonitor-cost-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const written = (name: string, content: unknown) => {
    const file = join(directory, name);
    writeFileSync(file, JSON.stringify(content));
    return file;
  };
  const live = written('live.yaml', {
    apiVersion: 'streammonitor.dev/v1alpha1',
    kind: 'StreamMonitor',
    metadata: { name: 'sports', namespace: 'live' },
    spec: { streams: [{ name: 'channel-1', url: 'https://origin.example/1.m3u8' }] },
  });

  it('prices a file, as text and as JSON', async () => {
    const hours = written('hours.yaml', [1, 0]);
    const [text, json] = await Promise.all([
      streammonitor('cost', '-f', live),
      streammonitor('cost', '-f', live, '--json', '--streams-by-hour', hours),
    ]);
    expect([text.code, text.errors, json.code]).toEqual([0, '', 0]);
    expect(text.output).toMatch(/^1 stream of live\/sports; USD/);
    expect(JSON.parse(json.output)).toMatchObject({ streams: 1, reservation: { hours: 2, pods: 0 } });
  });

  it('names the file, the field and the fix of what it cannot use', async () => {
    const wrong = written('wrong.json', { asOf: 'today' });
    const ended = await Promise.all([
      streammonitor('cost', '-f', live, '--prices', wrong),
      streammonitor('cost', '-f', live, '--measured', wrong),
      streammonitor('cost', '-f', live, '--streams-by-hour', join(directory, 'none.yaml')),
    ]);
    expect(ended.map(({ code, output }) => [code, output])).toEqual(ended.map(() => [2, '']));
    expect(ended[0]!.errors).toContain(`${wrong}: asOf must be the day of the prices`);
    expect(ended[1]!.errors).toContain(`${wrong}: machine is missing`);
    expect(ended[2]!.errors).toContain('none.yaml: there is no such file');
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
