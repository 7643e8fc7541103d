import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ItemContent } from '../../../monitor/spool/item-file.ts';
import { Spool } from '../../../monitor/spool/spool.ts';

let directory: string;
let log: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'streammonitor-spool-'));
  log = [];
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const open = (maximumBytes = 1_000_000) =>
  new Spool({ directory, maximumBytes, logger: pino({}, { write: (line: string) => log.push(line) }) });
const content = (key: string, overrides: Partial<ItemContent> = {}): ItemContent => ({
  sink: 'test',
  key,
  importance: 'incident',
  meta: { to: 'somewhere' },
  body: Buffer.from(`body of ${key}`),
  ...overrides,
});
const keys = (spool: Spool) => spool.pending('test').map(({ key }) => key);

describe('Spool', () => {
  it('gives a later process what was not acknowledged, in order', async () => {
    const first = open();
    for (const key of ['a', 'b', 'c']) first.add(content(key));
    first.acknowledge(first.pending('test')[0]!);

    const second = open();
    expect(keys(second)).toEqual(['b', 'c']);
    expect(second.bytes).toBe(first.bytes);
    second.add(content('d'));
    expect(keys(open())).toEqual(['b', 'c', 'd']);
    const [item] = second.pending('test');
    expect(item!.meta).toEqual({ to: 'somewhere' });
    expect((await second.read(item!)).toString()).toBe('body of b');
  });

  it('keeps one item per key while it waits', () => {
    const spool = open();
    expect(spool.add(content('a'))).toBe(spool.add(content('a')));
    expect(open().add(content('a'))!.order).toBe(1);
    spool.acknowledge(spool.pending('test')[0]!);
    expect(spool.add(content('a'))!.order).toBe(2);
  });

  it('sets damaged items aside and goes on with the others', () => {
    const first = open();
    for (const key of ['cut', 'flipped', 'empty', 'good']) first.add(content(key));
    const [cut, flipped, empty] = readdirSync(directory).map((name) => join(directory, name));
    writeFileSync(cut!, readFileSync(cut!).subarray(0, -3));
    const bytes = readFileSync(flipped!);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(flipped!, bytes);
    writeFileSync(empty!, '');
    writeFileSync(join(directory, '000000000009.item.new'), 'half an it');

    const second = open();
    expect(keys(second)).toEqual(['good']);
    expect(readdirSync(join(directory, 'aside'))).toHaveLength(3);
    expect(log.filter((line) => line.includes('set aside'))).toHaveLength(3);
    expect(readdirSync(directory)).toEqual(['000000000004.item', 'aside']);
  });

  it('gives up summaries before incidents when full, names them and tells the sink', () => {
    const spool = open(1000);
    const dropped: string[] = [];
    spool.onDrop(({ key }) => dropped.push(key));
    const body = Buffer.alloc(200);
    spool.add(content('old-summary', { importance: 'summary', body }));
    spool.add(content('incident-1', { body }));
    spool.add(content('incident-2', { body }));
    spool.add(content('incident-3', { body }));
    expect(spool.add(content('new-summary', { importance: 'summary', body }))).toBeUndefined();
    expect(dropped[0]).toBe('old-summary');
    expect(dropped.at(-1)).toBe('new-summary');
    expect(spool.bytes).toBeLessThanOrEqual(1000);
    expect(log.some((line) => line.includes('old-summary') && line.includes('given up'))).toBe(true);
    expect(readdirSync(directory).filter((name) => name.endsWith('.item'))).toHaveLength(keys(spool).length);
  });

  it('amends a body in place, unless there is no room', async () => {
    const spool = open(400);
    const item = spool.add(content('a'))!;
    const amended = spool.amend(item, Buffer.from('longer than before'))!;
    expect((await open().read(amended)).toString()).toBe('longer than before');
    expect(spool.amend(amended, Buffer.alloc(400))).toBeUndefined();
    spool.acknowledge(amended);
    expect(spool.amend(amended, Buffer.from('too late'))).toBeUndefined();
    expect(spool.bytes).toBe(0);
  });

  it('delivers from memory what the disk does not take', async () => {
    const spool = open();
    rmSync(directory, { recursive: true });
    const item = spool.add(content('a'))!;
    expect((await spool.read(item)).toString()).toBe('body of a');
    expect(log.some((line) => line.includes('kept in memory'))).toBe(true);
    spool.acknowledge(item);
    expect(spool.bytes).toBe(0);
  });
});
