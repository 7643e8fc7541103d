import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { CaseLedger } from '../../../accuracy/case-ledger.ts';
import type { ScoredCase } from '../../../accuracy/class-run.ts';

const directory = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

const basis = { revision: 'a5ccfc6', seed: 1, lines: 360, filter: 'blackdetect' };
const score = {
  ...{ events: 3, found: 2, falseAlarms: 1, eventSeconds: 12, coveredSeconds: 8, seconds: 45 },
  ...{ onsets: [0.1, 0.2], errors: [], missed: [[3, 7]], wrong: [[20, 21]] },
} satisfies ScoredCase['score'];
const clip = { path: 'master.mkv' } as ScoredCase['case']['clip'];
const own = { index: 4, clip, variant: '2 Mb/s' };
const scored: ScoredCase = { case: own, score, peer: new Map([['d=2', score]]) };

test('a case that is done is found by the next run, as it was scored', () => {
  const path = join(directory, 'kept', 'black.jsonl');
  new CaseLedger(path, basis).add(scored);
  const next = new CaseLedger(path, basis);
  expect(next.find(own)).toEqual(scored);
  expect(next.find({ ...own, index: 5 })).toBeUndefined();
});

test.for([
  ['commit', { revision: '0261be3' }],
  ['seed', { seed: 2 }],
  ['size', { lines: 480 }],
  ['peer', { filter: undefined }],
])('a case of another %s is run again', ([, change]) => {
  const path = join(directory, 'other.jsonl');
  new CaseLedger(path, basis).add(scored);
  expect(new CaseLedger(path, { ...basis, ...(change as object) }).find(own)).toBeUndefined();
});

test('cases of a tree with changes are not kept', () => {
  const path = join(directory, 'changed.jsonl');
  const changed = { ...basis, revision: 'a5ccfc6+' };
  new CaseLedger(path, changed).add(scored);
  expect(new CaseLedger(path, changed).find(own)).toBeUndefined();
});

test('a line that was cut off is a case that was not run, and those before it were', () => {
  const path = join(directory, 'cut.jsonl');
  const ledger = new CaseLedger(path, basis);
  ledger.add(scored);
  const line = readFileSync(path, 'utf8');
  appendFileSync(path, line.replace('"index":4', '"index":5').slice(0, 80));
  const next = new CaseLedger(path, basis);
  expect(next.find(own)).toEqual(scored);
  expect(next.find({ ...own, index: 5 })).toBeUndefined();
});
