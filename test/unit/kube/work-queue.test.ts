import fc from 'fast-check';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WorkQueue, type WorkQueueOptions } from '../../../operator/kube/work-queue.ts';

const silent = pino({ level: 'silent' });
/** On the clock of the test, which that of node:timers/promises is not. */
const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function workQueue(handler: WorkQueueOptions['handler'], options: Partial<WorkQueueOptions> = {}): WorkQueue {
  return new WorkQueue({
    name: 'shards',
    handler,
    concurrency: 2,
    backOff: { initial: 100, maximum: 1000 },
    batch: { idle: 0, max: 0 },
    logger: silent,
    ...options,
  });
}

describe('WorkQueue', () => {
  let runs: { key: string; at: number }[];
  const times = (key: string) => runs.filter((run) => run.key === key).map(({ at }) => at);
  const record = async (key: string): Promise<undefined> => {
    runs.push({ key, at: performance.now() });
  };

  beforeEach(() => {
    vi.useFakeTimers({ now: 0 });
    runs = [];
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('runs nothing before it is started, then each key once and in order', async () => {
    const queue = workQueue(record);
    for (const key of ['a', 'b', 'a', 'c']) queue.add(key);
    await vi.advanceTimersByTimeAsync(1000);
    expect(runs).toEqual([]);
    expect(queue.depth).toBe(3);
    queue.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(runs.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
    expect(queue.depth).toBe(0);
  });

  it('never starts a handler inside the call that adds', () => {
    const queue = workQueue(record);
    queue.start();
    queue.add('a');
    expect(runs).toEqual([]);
  });

  it('makes one run of a storm: after a pause of `idle`, or at `max` where there is none', async () => {
    const queue = workQueue(record, { batch: { idle: 100, max: 450 } });
    queue.start();
    for (let at = 0; at < 200; at += 50) {
      queue.add('short');
      queue.add('long');
      await vi.advanceTimersByTimeAsync(50);
    }
    for (let at = 200; at < 1000; at += 50) {
      queue.add('long');
      await vi.advanceTimersByTimeAsync(50);
    }
    await vi.advanceTimersByTimeAsync(1000);
    expect(times('short')).toEqual([250]);
    expect(times('long')).toEqual([450, 900, 1050]);
  });

  it('runs a key again that was added while it ran, after that run', async () => {
    const queue = workQueue(async (key) => {
      await record(key);
      await sleep(100);
      return undefined;
    });
    queue.start();
    queue.add('a');
    await vi.advanceTimersByTimeAsync(50);
    queue.add('a');
    queue.add('a');
    queue.add('b');
    await vi.advanceTimersByTimeAsync(1000);
    expect(times('a')).toEqual([0, 100]);
    expect(times('b')).toEqual([50]);
  });

  it('handles no more keys at a time than allowed', async () => {
    let running = 0;
    let most = 0;
    const queue = workQueue(
      async (key) => {
        most = Math.max(most, ++running);
        await sleep(10);
        running--;
        return record(key);
      },
      { concurrency: 3 },
    );
    queue.start();
    for (let key = 0; key < 10; key++) queue.add(String(key));
    await vi.advanceTimersByTimeAsync(5);
    expect({ running: queue.running, depth: queue.depth }).toEqual({ running: 3, depth: 7 });
    await vi.advanceTimersByTimeAsync(1000);
    expect({ most, runs: runs.length }).toEqual({ most: 3, runs: 10 });
  });

  it('takes the earliest of the times asked for, and does not forget one for a run before it', async () => {
    const queue = workQueue(record);
    queue.start();
    queue.addAfter('a', 500);
    queue.addAfter('a', 300);
    queue.addAfter('a', 400);
    await vi.advanceTimersByTimeAsync(100);
    queue.add('a');
    expect(queue.depth).toBe(1);
    await vi.advanceTimersByTimeAsync(0);
    expect(queue.depth).toBe(0);
    await vi.advanceTimersByTimeAsync(1000);
    expect(times('a')).toEqual([100, 300]);
  });

  it('keeps a time that is further off than a timer can be set to', async () => {
    const days = 24 * 3600 * 1000;
    const queue = workQueue(record);
    queue.start();
    queue.addAfter('a', 40 * days);
    await vi.advanceTimersByTimeAsync(39 * days);
    expect(runs).toEqual([]);
    await vi.advanceTimersByTimeAsync(2 * days);
    expect(times('a')).toEqual([40 * days]);
  });

  it('runs again when the handler asks for it; the last answer counts', async () => {
    const answers = [{ after: 500 }, { after: 1000 }, undefined];
    const results: string[] = [];
    const queue = workQueue(
      async (key) => {
        await record(key);
        return answers.shift();
      },
      { onResult: (result) => results.push(result) },
    );
    queue.start();
    queue.add('a');
    await vi.advanceTimersByTimeAsync(100);
    queue.add('a');
    await vi.advanceTimersByTimeAsync(5000);
    expect(times('a')).toEqual([0, 100, 1100]);
    expect(results).toEqual(['requeued', 'requeued', 'success']);
  });

  it('waits longer from failure to failure up to the maximum, and starts anew after a success', async () => {
    let failing = true;
    const results: string[] = [];
    const log: string[] = [];
    const queue = workQueue(
      async (key) => {
        await record(key);
        if (failing) throw new Error('no route');
        return undefined;
      },
      {
        backOff: { initial: 100, maximum: 400 },
        onResult: (result) => results.push(result),
        logger: pino({}, { write: (line: string) => log.push(line) }),
      },
    );
    queue.start();
    queue.add('a');
    await vi.advanceTimersByTimeAsync(2000);
    const waits = times('a').map((at, index, all) => at - (all[index - 1] ?? 0));
    for (const [index, longest] of [100, 200, 400, 400].entries()) {
      expect(waits[index + 1]).toBeGreaterThanOrEqual(longest / 2);
      expect(waits[index + 1]).toBeLessThanOrEqual(longest + 1);
    }
    expect(JSON.parse(log[0]!)).toMatchObject({ level: 50, queue: 'shards', key: 'a', failures: 1 });
    failing = false;
    await vi.advanceTimersByTimeAsync(500);
    expect(results.at(-1)).toBe('success');
    expect(queue.size).toBe(0);

    failing = true;
    runs = [];
    queue.add('a');
    await vi.advanceTimersByTimeAsync(110);
    expect(runs.length).toBeGreaterThan(1);
  });

  it('does not let a failing key hold back the others, nor an add wait for its back-off', async () => {
    const queue = workQueue(
      async (key) => {
        await record(key);
        if (key === 'bad') throw new Error('refused');
        return undefined;
      },
      { concurrency: 1, backOff: { initial: 10_000, maximum: 10_000 } },
    );
    queue.start();
    queue.add('bad');
    queue.add('good');
    await vi.advanceTimersByTimeAsync(10);
    queue.add('bad');
    await vi.advanceTimersByTimeAsync(10);
    expect(times('good')).toEqual([0]);
    expect(times('bad')).toEqual([0, 10]);
  });

  it('tries an expected conflict again at once, and only once, without an error in the log', async () => {
    const conflict = new Error('conflict');
    const log: string[] = [];
    const results: string[] = [];
    const queue = workQueue(
      async (key) => {
        await record(key);
        if (runs.length < 3) throw conflict;
        return undefined;
      },
      {
        isRetryNow: (error) => error === conflict,
        onResult: (result) => results.push(result),
        logger: pino({}, { write: (line: string) => log.push(line) }),
      },
    );
    queue.start();
    queue.add('a');
    await vi.advanceTimersByTimeAsync(1000);
    const [first, second, third] = times('a');
    expect([first, second]).toEqual([0, 0]);
    expect(third).toBeGreaterThanOrEqual(100);
    expect(results).toEqual(['requeued', 'requeued', 'success']);
    expect(log).toEqual([]);
  });

  it('takes an impossible `after` for a failure, and goes on', async () => {
    const results: string[] = [];
    const queue = workQueue(
      async (key) => {
        await record(key);
        return runs.length === 1 ? { after: Number.NaN } : undefined;
      },
      { onResult: (result) => results.push(result) },
    );
    queue.start();
    queue.add('a');
    await vi.advanceTimersByTimeAsync(1000);
    expect(results).toEqual(['error', 'success']);
  });

  it('stops: waits for what runs, starts nothing more, takes nothing more', async () => {
    const queue = workQueue(async (key) => {
      await sleep(100);
      return record(key);
    });
    queue.start();
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await vi.advanceTimersByTimeAsync(50);
    let stopped = false;
    const stopping = queue.stop().then(() => {
      stopped = true;
    });
    queue.add('d');
    queue.addAfter('e', 10);
    await vi.advanceTimersByTimeAsync(40);
    expect(stopped).toBe(false);
    await vi.advanceTimersByTimeAsync(1000);
    await stopping;
    expect(runs.map(({ key }) => key)).toEqual(['a', 'b']);
    expect({ size: queue.size, timers: vi.getTimerCount() }).toEqual({ size: 0, timers: 0 });
  });

  it('forgets keys that are done with', async () => {
    const queue = workQueue(record, { batch: { idle: 10, max: 100 } });
    queue.start();
    for (let key = 0; key < 1000; key++) {
      queue.add(String(key));
      queue.addAfter(String(key), 20);
    }
    expect(queue.size).toBe(1000);
    await vi.advanceTimersByTimeAsync(1000);
    expect({ size: queue.size, timers: vi.getTimerCount() }).toEqual({ size: 0, timers: 0 });
  });

  it.each([
    ['concurrency', { concurrency: 0 }],
    ['batch.idle', { batch: { idle: Number.NaN, max: 1 } }],
    ['batch.max', { batch: { idle: 1, max: Number.POSITIVE_INFINITY } }],
  ])('refuses an impossible %s by name', (name, options) => {
    expect(() => workQueue(record, options)).toThrow(name);
    expect(() => workQueue(record).addAfter('a', -1)).toThrow('delay');
  });

  it('whatever happens: a key is handled by one at a time, and every add is followed by a run', async () => {
    const step = fc.record({
      wait: fc.integer({ min: 0, max: 40 }),
      key: fc.constantFrom('a', 'b', 'c'),
      delay: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
    });
    const outcome = fc.record({
      lasts: fc.integer({ min: 0, max: 50 }),
      end: fc.constantFrom('success', 'failure', 'conflict', 'after'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 30 }),
        fc.array(outcome, { maxLength: 30 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 30 }),
        async (steps, outcomes, concurrency, idle) => {
          const busy = new Set<string>();
          const violations: string[] = [];
          const starts: { key: string; order: number }[] = [];
          const asked: { key: string; order: number }[] = [];
          let order = 0;
          const queue = workQueue(
            async (key) => {
              // Not an assertion here: to the queue that would be one more failure.
              if (busy.has(key)) violations.push(`${key} is handled twice at once`);
              if (busy.size >= concurrency) violations.push(`${busy.size + 1} at once`);
              busy.add(key);
              starts.push({ key, order: order++ });
              const { lasts, end } = outcomes.shift() ?? { lasts: 0, end: 'success' };
              await sleep(lasts);
              busy.delete(key);
              if (end === 'failure' || end === 'conflict') throw new Error(end);
              return end === 'after' ? { after: lasts } : undefined;
            },
            {
              concurrency,
              batch: { idle, max: idle * 3 },
              isRetryNow: (error) => (error as Error).message === 'conflict',
            },
          );
          queue.start();
          for (const { wait, key, delay } of steps) {
            if (delay === undefined) queue.add(key);
            else queue.addAfter(key, delay);
            asked.push({ key, order: order++ });
            await vi.advanceTimersByTimeAsync(wait);
          }
          await vi.advanceTimersByTimeAsync(60_000);
          expect(violations).toEqual([]);
          for (const { key, order: at } of asked) {
            expect(starts.some((start) => start.key === key && start.order > at)).toBe(true);
          }
          expect({ size: queue.size, depth: queue.depth, timers: vi.getTimerCount() }).toEqual({
            size: 0,
            depth: 0,
            timers: 0,
          });
        },
      ),
      { numRuns: 200 },
    );
  });
});
