import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkModule } from '../../../monitor/detector-kit/check-module.ts';
import { moduleText, writeModule } from '../../modules/faulty-modules.ts';

const folder = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

function check(name: string, text: string) {
  writeModule(folder, name, text);
  return checkModule(join(folder, name));
}

describe('checkModule', () => {
  it('passes a module that keeps to the contract, and measures it', async () => {
    const { breaches, manifest, cost, remarks } = await check('dark', moduleText());
    expect(breaches).toEqual([]);
    expect(manifest?.title).toBe('Dark');
    expect(cost).toBeGreaterThan(0);
    expect(remarks).toEqual(['it never says unknown, also not of a stream without tracks']);
  });

  it.each([
    ['throws', "throw new Error('no');", 'step threw: no'],
    ['rubbish', "return [{ time: 1, kind: 'dark', score: 7 }];", 'score must be at most 1'],
    [
      'random',
      "return [{ time: observation.time, kind: 'dark', score: Math.random() }];",
      'of the same observations',
    ],
    [
      'late',
      "return [{ time: observation.time + 60, kind: 'dark', score: 1 }];",
      'is later than what was observed',
    ],
  ])('names the breach of one that %s', async (name, step, breach) => {
    const { breaches } = await check(name, moduleText({ step }));
    expect(breaches).toEqual([expect.stringContaining(breach)]);
  });

  it('names what is wrong with one that cannot be loaded', async () => {
    const { breaches } = await check('empty', 'export default {}');
    expect(breaches).toEqual([expect.stringContaining('create is not a function')]);
  });
});
