import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal } from '../../../monitor/results/journal.ts';
import type { Series } from '../../../monitor/results/series.ts';
import { Spool } from '../../../monitor/spool/spool.ts';

let state: string;
let spool: Spool;
let directory: string;
const logger = pino({ level: 'silent' });
const series: Series = {
  shard: 'shard-0',
  destination: { directory: '/results' },
  detector: 'freeze',
  hour: '2026-01-31T23',
  importance: 'incident',
};

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'streammonitor-journal-'));
  directory = join(state, 'results');
  spool = new Spool({ directory: join(state, 'spool'), maximumBytes: 1_000_000, logger });
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

const open = (bootId: string) =>
  new Journal({
    ...{ directory, spool, sink: 'results', logger, bootId, flushBytes: 1000 },
    flushSeconds: { summary: 300, incident: 5 },
  });
const contents = async () => {
  const objects: Record<string, unknown[]> = {};
  for (const item of spool.pending('results')) {
    const lines = gunzipSync(await spool.read(item))
      .toString()
      .trimEnd()
      .split('\n');
    objects[(item.meta as { key: string }).key.split('/').at(-1)!] = lines.map((line) => JSON.parse(line));
  }
  return objects;
};

describe('Journal', () => {
  it('makes one object of a series when it is old enough', async () => {
    const journal = open('boot');
    journal.append(series, [{ n: 1 }]);
    journal.append(series, [{ n: 2 }, { n: 3 }]);
    expect(await journal.seal(Date.now() + 4_000)).toEqual([]);
    expect(await journal.seal(Date.now() + 5_000)).toHaveLength(1);
    journal.append(series, [{ n: 4 }]);
    await journal.seal(Number.POSITIVE_INFINITY);
    expect(await contents()).toEqual({
      'shard-0-boot-1.jsonl.gz': [{ n: 1 }, { n: 2 }, { n: 3 }],
      'shard-0-boot-2.jsonl.gz': [{ n: 4 }],
    });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('lets summaries wait for longer: nobody is called for them', async () => {
    const journal = open('boot');
    journal.append({ ...series, importance: 'summary' }, [{ n: 1 }]);
    expect(await journal.seal(Date.now() + 299_000)).toEqual([]);
    expect(await journal.seal(Date.now() + 300_000)).toHaveLength(1);
  });

  it('counts what waits until it is in the spool', async () => {
    const journal = open('boot');
    journal.append(series, [{ n: 1 }]);
    const waiting = journal.bytes;
    expect(waiting).toBeGreaterThan(8);
    const sealed = journal.seal(Number.POSITIVE_INFINITY);
    expect([journal.bytes, spool.bytes]).toEqual([waiting, 0]);
    await sealed;
    expect(journal.bytes).toBe(0);
    expect(spool.bytes).toBeGreaterThan(0);
  });

  it('makes an object early when it is big enough', async () => {
    const journal = open('boot');
    journal.append(series, [{ text: 'x'.repeat(1000) }]);
    expect(await journal.seal(Date.now())).toHaveLength(1);
  });

  it('keeps series apart: detector, hour, worth and destination', async () => {
    const journal = open('boot');
    for (const other of [
      series,
      { ...series, detector: 'black' },
      { ...series, hour: '2026-02-01T00' },
      { ...series, importance: 'summary' as const },
      { ...series, destination: { directory: '/elsewhere' } },
    ]) {
      journal.append(other, [{}]);
    }
    expect(await journal.seal(Number.POSITIVE_INFINITY)).toHaveLength(5);
  });

  it('takes over what a killed process left, under the key it was to have', async () => {
    const killed = open('boot-1');
    killed.append(series, [{ n: 1 }]);
    const [name] = readdirSync(directory);
    appendFileSync(join(directory, name!), '{"n":2');
    writeFileSync(join(directory, 'damaged.journal'), 'nonsense');

    const journal = open('boot-2');
    journal.append(series, [{ n: 3 }]);
    expect(await journal.recover()).toHaveLength(1);
    expect(await contents()).toEqual({ 'shard-0-boot-1-1.jsonl.gz': [{ n: 1 }] });
    expect(readdirSync(directory).sort()).toEqual(['boot-2-1.journal', 'damaged.journal']);
  });

  it('says when the disk does not take a record', () => {
    const journal = open('boot');
    rmSync(directory, { recursive: true });
    expect(journal.append(series, [{}])).toBe(false);
  });

  it('spools what the disk does not take as an object of its own', async () => {
    const journal = open('boot');
    journal.append(series, [{ n: 1 }]);
    expect(journal.spoolAlone(series, [{ n: 2 }])).toBeDefined();
    expect(journal.spoolAlone(series, [{ n: 3 }])).toBeDefined();
    await journal.seal(Number.POSITIVE_INFINITY);
    expect(await contents()).toEqual({
      'shard-0-boot-1.jsonl.gz': [{ n: 1 }],
      'shard-0-boot-2.jsonl.gz': [{ n: 2 }],
      'shard-0-boot-3.jsonl.gz': [{ n: 3 }],
    });
  });
});
