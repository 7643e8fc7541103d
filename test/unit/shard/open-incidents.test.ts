import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Incident } from '../../../crds/incident.ts';
import { OpenIncidents } from '../../../monitor/shard/open-incidents.ts';

const identity = { namespace: 'live', monitor: 'sports', stream: 'one' };
const incident: Incident = {
  ...identity,
  ...{ id: 'a', revision: 1, state: 'open', detector: 'freeze', kind: 'full', severity: 'critical' },
  ...{ start: 12, startTime: '2026-01-01T00:00:12.000Z', openedAt: '2026-01-01T00:00:14.000Z' },
  ...{ score: 1, confidence: 1 },
};

function kept(write?: (path: string) => void) {
  const directory = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const subject = new OpenIncidents(directory);
  subject.save(identity, { origin: 1000, open: [incident], watchedUntil: 20 });
  const [file] = readdirSync(join(directory, 'streams'));
  write?.(join(directory, 'streams', file!));
  return subject;
}

describe('OpenIncidents', () => {
  it('gives back what was kept', () => {
    expect(kept().load(identity)).toEqual({ origin: 1000, open: [incident], watchedUntil: 20 });
  });

  it('gives back in which revisions incidents were told, as far as those are numbers', () => {
    const told = { a: 2, b: 'twice' };
    const subject = kept((path) =>
      writeFileSync(path, JSON.stringify({ origin: 1000, open: [incident], watchedUntil: 20, told })),
    );
    expect(subject.load(identity)).toMatchObject({ told: { a: 2 } });
    expect(subject.load(identity)?.told).not.toHaveProperty('b');
  });

  it('forgets', () => {
    const subject = kept();
    subject.forget(identity);
    expect(subject.load(identity)).toBeUndefined();
  });

  it.each([
    ['torn', '{"origin": 1000, "open": ['],
    ['of another form', '[]'],
    ['null', 'null'],
    ['without a date', JSON.stringify({ open: [] })],
    ['at no date', '{"origin": 1e999, "open": []}'],
  ])('takes a file that is %s for none', (_, text) => {
    expect(kept((path) => writeFileSync(path, text)).load(identity)).toBeUndefined();
  });

  it('leaves out what is no open incident of the stream, and keeps the rest', () => {
    const wrong = [
      null,
      {},
      { ...incident, start: 'soon' },
      { ...incident, severity: 'bad' },
      { ...incident, state: 'closed' },
      { ...incident, stream: 'two' },
      { ...incident, revision: undefined },
      { ...incident, actions: 'none' },
    ];
    const subject = kept((path) =>
      writeFileSync(path, JSON.stringify({ origin: 1000, open: [...wrong, incident] })),
    );
    expect(subject.load(identity)).toEqual({ origin: 1000, open: [incident], watchedUntil: 12 });
  });

  it('gives back when actions were taken, and those that wait for an answer', () => {
    const subject = kept();
    const at = '2026-01-01T00:00:18.000Z';
    const acted: Incident = { ...incident, actions: [{ name: 'switch', at, outcome: 'pending' }] };
    const memory = { origin: 1000, open: [acted], watchedUntil: 20, actionTimes: { switch: at } };
    subject.save(identity, memory);
    expect(subject.load(identity)).toEqual(memory);
    subject.save(identity, { ...memory, actionTimes: { switch: at, other: 'soon' } });
    expect(subject.load(identity)).toEqual(memory);
  });

  it('gives back what a demoted shard left, but for what is not readable', () => {
    const subject = kept();
    const closed: Incident = {
      ...{ ...incident, id: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff', state: 'closed', revision: 2 },
      ...{ end: 14, endTime: '2026-01-01T00:00:14.000Z' },
    };
    const demotion = { watermarkTime: '2026-01-01T00:00:20.000Z', closed: [closed] };
    const memory = { origin: 1000, open: [incident], watchedUntil: 20, adopted: 'shard-1 now', demotion };
    subject.save(identity, memory);
    expect(subject.load(identity)).toEqual(memory);
    subject.save(identity, { ...memory, demotion: { ...demotion, closed: [closed, {} as Incident] } });
    expect(subject.load(identity)).toEqual(memory);
    subject.save(identity, { ...memory, demotion: { ...demotion, watermarkTime: 'soon' } });
    expect(subject.load(identity)).not.toHaveProperty('demotion');
  });
});
