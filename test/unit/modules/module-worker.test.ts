import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { ModuleFolder } from '../../../monitor/modules/module-folder.ts';
import { ModuleWorker } from '../../../monitor/modules/module-worker.ts';
import type { FromThread, ToThread } from '../../../monitor/modules/thread-messages.ts';
import { moduleText, writeModule } from '../../modules/faulty-modules.ts';

const directory = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** What a thread answers to these messages, up to a number of answers. */
async function answers(
  text: string,
  messages: readonly ToThread[],
  count: number,
  logger = pino({ level: 'silent' }),
): Promise<FromThread[]> {
  writeModule(directory, 'module', text);
  const { promise, resolve, reject } = Promise.withResolvers<FromThread[]>();
  const received: FromThread[] = [];
  const worker = new ModuleWorker({
    module: 'module',
    location: new ModuleFolder(directory, 'module').locate(),
    logger,
    onMessage: (message) => {
      if (message.type === 'loaded') for (const one of messages) worker.post(one);
      else received.push(message);
      if (received.length === count) resolve(received);
    },
    onEnd: (reason, message) => reject(new Error(`${reason}: ${message}`)),
  });
  onTestFinished(() => worker.close());
  return promise;
}

const create: ToThread = { type: 'create', instance: 1, parameters: {}, minDuration: 0 };
const step: ToThread = { type: 'step', instance: 1, observation: { type: 'end', time: 1 } };

it('is answered once for every step, also for those behind one that threw', async () => {
  const text = moduleText().replace('step(observation) {', "step() { throw new Error('it cannot');");
  expect(await answers(text, [create, step, step, step], 4)).toMatchObject([
    { type: 'said' },
    { type: 'failed', reason: 'threw' },
    { type: 'said', said: [] },
    { type: 'said', said: [] },
  ]);
});

it('prints up to 100 lines, however they are printed, and none of them whole when it is long', async () => {
  const prints = [
    "console.log('x'.repeat(1000));",
    "console.group('a group'); console.table([{ a: 1 }, { a: 2 }]); console.groupEnd();",
    "console.assert(false, 'asserted'); console.dir({ b: 3 }); console.trace('traced');",
    "console.error('line\\n'.repeat(60)); for (let line = 0; line < 60; line++) console.warn(line);",
  ];
  const text = moduleText().replace('step(observation) {', `step(observation) { ${prints.join(' ')}`);
  const said: string[] = [];
  const logger = pino({}, { write: (line: string) => said.push(JSON.parse(line).line) });
  await answers(text, [create, step, step], 3, logger);
  await expect.poll(() => said.length, { interval: 5 }).toBeGreaterThanOrEqual(100);
  await sleep(50);
  expect(said).toHaveLength(100);
  expect(said.map(({ length }) => length)).toContain(500);
  expect(said).toEqual(expect.arrayContaining(['a group', 'Assertion failed: asserted', '{ b: 3 }', 'line']));
});
