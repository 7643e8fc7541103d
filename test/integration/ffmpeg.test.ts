import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { eventually, isRunning } from './run-process.ts';
import { freeUdpPort } from './senders.ts';

const adapter = new URL('../../monitor/converter/ffmpeg.ts', import.meta.url).href;
const node = process.execPath;

/** Runs a script that uses the adapter in a process of its own, as a module. */
function script(body: string): string[] {
  return [
    '--input-type=module',
    '-e',
    `import { runFfmpeg, warmUpFfmpeg } from ${JSON.stringify(adapter)};${body}`,
  ];
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
      } catch {
        return false;
      }
    })
    .map(Number);
}

test('ffmpeg that waits for a sender ends with a process that is killed with -9', async () => {
  const url = `srt://127.0.0.1:${await freeUdpPort()}?mode=listener`;
  const run = `runFfmpeg([{ source: ${JSON.stringify(url)}, options: [] }], [{ target: 'x.nut', options: [] }], () => {});`;
  const parent = spawn(node, script(`${run} setInterval(() => {}, 1000);`), { stdio: 'inherit' });
  onTestFinished(() => {
    parent.kill('SIGKILL');
  });
  const ffmpeg = await eventually('ffmpeg', () =>
    childrenOf(parent.pid!).find((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('mode=listener'),
    ),
  );
  const exit = once(parent, 'exit');
  parent.kill('SIGKILL');
  await exit;
  await eventually('the end of ffmpeg', async () => !(await isRunning(ffmpeg)), 5);
});

test('a process that may start no other lives on and says why', () => {
  const run = `
    const { ended } = runFfmpeg([{ source: 'x', options: [] }], [{ target: 'y.nut', options: [] }], () => {});
    const error = await ended;
    console.log('ended with', error?.message);`;
  // Descriptors for the process itself, and none for the pipes of another.
  const limited = ['-c', 'ulimit -n "$0"; exec "$@"', '24', node, ...script(run)];
  const output = execFileSync('sh', limited, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  expect(output).toContain('ended with spawn');
});
