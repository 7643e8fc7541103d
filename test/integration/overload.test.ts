import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { resolveDetectors } from '../../crds/detector-settings.ts';
import { eventually } from './run-process.ts';
import { clip, startHttpTs } from './senders.ts';
import { ShardProcess } from './shard-process.ts';
import { stateDirectory } from './state-directory.ts';

/** The ffmpeg of a shard that reads from the shard itself, of which there is one for each stream, by age. */
function decodersOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const [, own] = /^.*\) \S (\d+) /s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
        return Number(own) === parent && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'ffmpeg';
      } catch {
        return false;
      }
    })
    .sort((a, b) => a - b);
}

/** CPU that a process takes, in milliseconds of a second. */
async function cpuOf(pid: number): Promise<number> {
  const ticks = () => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return Number(fields[11]) + Number(fields[12]);
  };
  const before = ticks();
  await sleep(4000);
  return ((ticks() - before) * 10) / 4;
}

/** Lets a process run for a small part of each second, as one that gets too little CPU; until it is called. */
function throttled(pid: number, milliseconds: number): () => void {
  let running = true;
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(pid, name);
    } catch {
      running = false;
    }
  };
  void (async () => {
    while (running) {
      signal('SIGSTOP');
      await sleep(1000 - milliseconds);
      signal('SIGCONT');
      await sleep(milliseconds);
    }
    signal('SIGCONT');
  })();
  return () => {
    running = false;
  };
}

test('a stream that its shard cannot keep up with says so, and what is missed is blind', async () => {
  const place = stateDirectory();
  // Padded, so that what lies in the pipes between sender and decoder is soon over.
  const source = { ...clip(), codec: ['-c', 'copy', '-muxrate', '30M'] };
  const sender = await startHttpTs({ source });
  onTestFinished(() => sender.stop());
  const { freeze, stall } = resolveDetectors();
  const settings = {
    ...{ namespace: 'live', name: 'sports', notifications: [] },
    detectors: { freeze: freeze!, stall: stall! },
  };
  const shard = await ShardProcess.start(
    { name: 'slow', host: '127.64.0.9', settings, secrets: place.secrets },
    [{ name: 'one', url: sender.url }],
  );
  const before = await shard.reports('it is watched', ({ monitoredSeconds }) => monitoredSeconds > 5);
  expect(before).toMatchObject({ phase: 'Up', reason: 'Receiving' });
  expect(before).not.toHaveProperty('overloadedSeconds');

  const [decoder] = decodersOf(shard.pid);
  const release = throttled(decoder!, (await cpuOf(decoder!)) / 2);
  onTestFinished(release);
  const slow = await eventually(
    'it is overloaded',
    async () => {
      const [stream] = await shard.streams();
      return stream!.reason === 'Overloaded' && (stream!.overloadedSeconds ?? 0) > 5 && stream;
    },
    60,
  );
  expect(slow).toMatchObject({ phase: 'Up', openIncidents: [] });
  expect(slow.message).toMatch(/too little CPU/);
  expect(slow.blindSeconds).toBeGreaterThanOrEqual(slow.overloadedSeconds!);
  const metrics = await shard.metrics();
  expect(metrics.sum('blind_seconds_total', { reason: 'Overloaded' })).toBeGreaterThan(5);

  // It is the same decoder: what was slow has lost nothing of what it was given.
  expect(decodersOf(shard.pid)).toContain(decoder);
  release();
  const after = await shard.reports('it keeps up again', ({ reason }) => reason === 'Receiving');
  expect(after).toMatchObject({ phase: 'Up', openIncidents: [] });
});
