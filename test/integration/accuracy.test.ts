import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { resultOf } from '../accuracy/class-result.ts';
import { runClass } from '../accuracy/class-run.ts';
import { loadClasses } from '../accuracy/classes.ts';
import { readCorpus } from '../accuracy/corpus.ts';
import { Masters } from '../accuracy/masters.ts';

/** Small pictures, so that all classes take little more than a minute. */
const size = { lines: 240, seconds: 30 };
const events = 2;

const scratch = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const { clips, leftOut } = await readCorpus(join(import.meta.dirname, '../media'));
const classes = (await loadClasses()).flatMap((defect) =>
  defect.floor ? [{ defect, floor: defect.floor }] : [],
);
const masters = new Masters(size, join(scratch, 'masters'), 2);

test('every clip of the tests can be read', () => {
  expect(leftOut).toEqual([]);
  expect(clips).toHaveLength(3);
});

describe('of a few injected events are found, and nothing else', () => {
  test.for(classes)('$defect.name', async ({ defect, floor }) => {
    const sources = await Promise.all(clips.map((clip) => masters.of(clip)));
    const told: unknown[] = [];
    const cases = await runClass(defect, sources, {
      ...{ events, seed: 1, parallel: 2, scratch },
      onCase: ({ case: { clip, variant }, score: { missed, wrong } }) => {
        if (missed.length + wrong.length > 0) told.push({ clip: clip.clip.name, variant, missed, wrong });
      },
    });
    const { tally, quality } = resultOf(defect, cases, { seed: 1, filter: undefined });
    expect(tally.events, 'events in the clips of the tests').toBeGreaterThanOrEqual(events);
    expect(quality.recall?.value, JSON.stringify(told)).toBeGreaterThanOrEqual(floor.recall);
    expect(quality.precision?.value, JSON.stringify(told)).toBeGreaterThanOrEqual(floor.precision);
  });
});
