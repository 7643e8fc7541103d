import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Incident } from '../../../crds/incident.ts';
import { IncidentArchive } from '../../../monitor/evidence/incident-archive.ts';

const identity = { namespace: 'live', monitor: 'sports', stream: 'a' };
const logger = pino({ level: 'silent' });
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'streammonitor-archive-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function incident(values: Partial<Incident> = {}): Incident {
  const startTime = '2026-01-01T00:00:00.000Z';
  const times = { start: 1, startTime, openedAt: startTime };
  return {
    ...{ id: randomUUID(), revision: 1, state: 'open', ...identity, detector: 'black', kind: 'black' },
    ...{ severity: 'critical', score: 1, confidence: 1, ...times, ...values },
  } as Incident;
}

it('keeps incidents through a restart, each in its latest revision', async () => {
  const archive = new IncidentArchive({ directory, logger });
  const open = incident();
  const endTime = '2026-01-01T00:00:09.000Z';
  const closed: Incident = {
    ...open,
    revision: 2,
    state: 'closed',
    end: 9,
    endTime,
    closeReason: 'recovered',
  };
  archive.keep(open);
  archive.keep(closed);
  archive.keep(open);
  expect(archive.get(open.id)).toEqual(closed);
  await archive.close();
  writeFileSync(join(directory, 'torn.json'), '{"id"');
  const next = new IncidentArchive({ directory, logger });
  expect(next.get(open.id)).toEqual(closed);
  expect(next.closedOf(identity)).toEqual([closed]);
  expect(next.closedOf({ ...identity, stream: 'b' })).toEqual([]);
  expect(readdirSync(directory)).toEqual([`${open.id}.json`]);
});

it('keeps no more than it may, and lets go of those that changed longest ago', async () => {
  const archive = new IncidentArchive({ directory, logger, maximum: 2 });
  const [first, second, third] = [incident(), incident(), incident()];
  archive.keep(first);
  archive.keep(second);
  archive.keep({ ...first, revision: 2 });
  archive.keep(third);
  await archive.close();
  expect(archive.get(second.id)).toBeUndefined();
  expect(readdirSync(directory).sort()).toEqual([`${first.id}.json`, `${third.id}.json`].sort());
});
