import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EvidenceStore } from '../../../monitor/evidence/evidence-store.ts';
import { incident } from '../notifications/incidents.ts';

let root: string;
let directory: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'streammonitor-evidence-'));
  directory = join(root, 'evidence');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const open = (limits = {}) => new EvidenceStore({ directory, logger: pino({ level: 'silent' }), ...limits });
const evidence = {
  scores: [
    [0, 0],
    [1, 1],
  ],
} as const;

describe('EvidenceStore', () => {
  it('keeps a picture under the incident’s name for it, through a restart', async () => {
    const jpeg = await open().add(incident({ evidence: 'abc-1.jpg' }), evidence);
    expect(jpeg?.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
    expect(await open().read('abc-1.jpg')).toEqual(jpeg);
  });

  it('composes without keeping for an incident that names no picture', async () => {
    expect(await open().add(incident(), evidence)).toBeDefined();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('removes the oldest beyond its count, and beyond its bytes', async () => {
    const store = open({ maximumFiles: 2 });
    for (const name of ['a-1.jpg', 'b-1.jpg', 'c-1.jpg'])
      await store.add(incident({ evidence: name }), evidence);
    expect(readdirSync(directory).sort()).toEqual(['b-1.jpg', 'c-1.jpg']);
    expect(await store.read('a-1.jpg')).toBeUndefined();
    open({ maximumBytes: 1 });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('reads nothing but its own pictures', async () => {
    writeFileSync(join(root, 'secret.jpg'), 'secret');
    const store = open();
    writeFileSync(join(directory, 'notes.txt'), 'notes');
    for (const name of ['../secret.jpg', '..', '', 'notes.txt', '/etc/passwd', 'absent.jpg']) {
      expect(await store.read(name)).toBeUndefined();
    }
  });

  it('refuses a name that leaves the directory, and evidence that is damaged', async () => {
    const store = open();
    expect(await store.add(incident({ evidence: '../escape.jpg' }), evidence)).toBeUndefined();
    expect(readdirSync(root)).toEqual(['evidence']);
    const worst = { width: 100, height: 100, channels: 1, data: new Uint8Array(3) } as const;
    expect(await store.add(incident(), { scores: [], worst })).toBeUndefined();
  });
});
