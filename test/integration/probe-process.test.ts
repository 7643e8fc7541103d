import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { probe } from './probe-runner.ts';
import { startUdpTs, testPattern } from './senders.ts';

const streammonitor = fileURLToPath(new URL('../../bin/streammonitor', import.meta.url));
const bunny = join(import.meta.dirname, '../media/bunny.mp4');

function started(...args: string[]) {
  const child = spawn(streammonitor, ['probe', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const errors: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  return { child, errors, ended: once(child, 'exit') };
}

test('probe ends in silence when nobody reads its output any more', async () => {
  const { child, errors, ended } = started('--json', bunny);
  child.stdout.destroy();
  expect(await ended).toEqual([0, null]);
  expect(errors).toEqual([]);
});

test('probe of a live stream ends with a summary on Ctrl-C', async () => {
  const sender = await startUdpTs({ source: testPattern() });
  onTestFinished(() => sender.stop());
  const { child, ended } = started(sender.url);
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  await once(output, 'line');
  expect(lines[0]).toMatch(/^watching .*h264/);
  child.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
  expect(lines.join('\n')).toMatch(/no defects in \d+\.\d s watched/);
});

test('probe counts an outage of a sender that goes on once: a stall, and no skip after it', async () => {
  const sender = await startUdpTs({ source: testPattern() });
  onTestFinished(() => sender.stop());
  const watching = probe(sender.url, '--duration', '18s', '--detectors', 'stall,silence,freeze');
  await sleep(7000);
  sender.tamper(() => undefined);
  await sleep(5000);
  sender.tamper();
  const { incidents } = await watching;
  expect(incidents).toMatchObject([{ detector: 'stall', kind: 'no-frames' }]);
  const seconds = incidents[0]!.end - incidents[0]!.start;
  expect(seconds).toBeGreaterThan(4);
  expect(seconds).toBeLessThan(6.5);
});
