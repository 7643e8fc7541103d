import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Verdict } from '../../../monitor/spool/delivery.ts';
import { Dispatcher } from '../../../monitor/spool/dispatcher.ts';
import { Spool, type SpoolItem } from '../../../monitor/spool/spool.ts';

let directory: string;
let spool: Spool;
let sent: string[];
let results: string[];
let dispatcher: Dispatcher | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'streammonitor-dispatcher-'));
  spool = new Spool({ directory, maximumBytes: 2000, logger: pino({ level: 'silent' }) });
  sent = [];
  results = [];
});
afterEach(async () => {
  await dispatcher?.close();
  rmSync(directory, { recursive: true, force: true });
});

function dispatching(send: (item: SpoolItem, signal: AbortSignal) => Promise<Verdict>): Dispatcher {
  dispatcher = new Dispatcher({
    spool,
    sink: 'test',
    logger: pino({ level: 'silent' }),
    concurrency: 2,
    attemptSeconds: 0.2,
    retry: { initialSeconds: 0.01, maximumSeconds: 0.02 },
    route: ({ key }) => ({ lane: key.split('-')[0]!, destination: 'there' }),
    send: (item, _body, signal) => {
      sent.push(item.key);
      return send(item, signal);
    },
    onResult: ({ key }, result) => results.push(`${key} ${result}`),
  });
  return dispatcher;
}

/** A receiver that never answers. */
const aborted = (_item: SpoolItem, signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

function add(key: string, body = Buffer.from(key)): void {
  const item = spool.add({ sink: 'test', key, importance: 'incident', meta: null, body });
  if (item) dispatcher!.enqueue(item);
}

describe('Dispatcher', () => {
  it('repeats until it is delivered and holds back what follows in the lane only', async () => {
    let failures = 2;
    const subject = dispatching(async ({ key }) =>
      key === 'a-1' && failures-- > 0 ? { result: 'retry', reason: 'HTTP 500' } : { result: 'delivered' },
    );
    for (const key of ['a-1', 'a-2', 'b-1']) add(key);
    expect(await subject.drain(2)).toBe(true);
    expect(sent.filter((key) => key.startsWith('a'))).toEqual(['a-1', 'a-1', 'a-1', 'a-2']);
    expect(results.indexOf('b-1 delivered')).toBeLessThan(results.indexOf('a-1 delivered'));
    expect(spool.pending('test')).toEqual([]);
  });

  it('takes a rejection and a time-out as reasons to try again', async () => {
    let attempt = 0;
    const subject = dispatching(async (_item, signal) => {
      attempt++;
      if (attempt === 1) throw new Error('boom');
      if (attempt === 2)
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      return { result: 'delivered' };
    });
    add('a-1');
    expect(await subject.drain(2)).toBe(true);
    expect(results).toEqual(['a-1 retry', 'a-1 retry', 'a-1 delivered']);
  });

  it('sets aside what is refused and goes on', async () => {
    const subject = dispatching(async ({ key }) =>
      key === 'a-1' ? { result: 'refused', reason: 'HTTP 400' } : { result: 'delivered' },
    );
    add('a-1');
    add('a-2');
    expect(await subject.drain(2)).toBe(true);
    expect(results).toEqual(['a-1 refused', 'a-2 delivered']);
    expect(readdirSync(join(directory, 'aside'))).toHaveLength(1);
  });

  it('forgets what the spool gives up', async () => {
    const subject = dispatching(aborted);
    for (const key of ['a-1', 'b-1', 'c-1']) add(key, Buffer.alloc(500));
    add('d-1', Buffer.alloc(500));
    expect(results).toEqual(['a-1 dropped']);
    expect(await subject.drain(0.01)).toBe(false);
  });

  it('resumes what an earlier process left, but for what it does not know', async () => {
    spool.add({ sink: 'test', key: 'a-1', importance: 'incident', meta: 'known', body: Buffer.from('a') });
    spool.add({ sink: 'test', key: 'a-2', importance: 'incident', meta: 'other', body: Buffer.from('b') });
    const subject = dispatching(async () => ({ result: 'delivered' }));
    subject.resume((meta) => meta === 'known');
    expect(await subject.drain(2)).toBe(true);
    expect(results).toEqual(['a-1 delivered']);
    expect(readdirSync(join(directory, 'aside'))).toHaveLength(1);
  });

  it('leaves in the spool what it could not deliver before it was closed', async () => {
    const subject = dispatching(aborted);
    add('a-1');
    add('a-2');
    await subject.close();
    expect(spool.pending('test').map(({ key }) => key)).toEqual(['a-1', 'a-2']);
    expect(results).toEqual([]);
  });
});
