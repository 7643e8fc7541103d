import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { Comparison } from '../../../monitor/reference/comparison.ts';
import { ReferenceWatcher } from '../../../monitor/watch/reference-watcher.ts';
import type { WatcherOptions } from '../../../monitor/watch/stream-watcher.ts';

const options: WatcherOptions = {
  identity: { namespace: 'live', monitor: 'sports', stream: 'one' },
  detectors: [],
  wants: { video: 'reduced', audio: true, preview: false },
  pictures: false,
  clock: { origin: 0, now: Date.now },
  newId: () => '',
  emit: () => {},
  pipeDirectory: '',
  logger: pino({ level: 'silent' }),
  open: () => Promise.reject(new Error('not the reference')),
  persistent: true,
};

/** A reference whose first opening meets a fault of the monitor itself; how often it has been opened. */
function faulty(persistent: boolean): () => number {
  let opened = 0;
  const open = () =>
    ++opened === 1 ? Promise.reject(new RangeError('a fault')) : new Promise<never>(() => {});
  const reference = new ReferenceWatcher(options, { open, persistent }, new Comparison(), () => {}, 10);
  onTestFinished(() => reference.stop());
  reference.start();
  return () => opened;
}

it('opens a persistent reference again after a fault', async () => {
  const [persistent, other] = [faulty(true), faulty(false)];
  await expect.poll(persistent, { interval: 2 }).toBe(2);
  await sleep(50);
  expect(persistent()).toBe(2);
  expect(other()).toBe(1);
});
