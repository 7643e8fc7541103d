import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { figureRows } from '../../../docs/build/readme-figures.ts';
import { readResults } from '../../accuracy/result-file.ts';

const results = await readResults(fileURLToPath(new URL('../../../docs/accuracy.json', import.meta.url)));
const cells = (measured: typeof results) =>
  figureRows(measured)
    .split('\n')
    .slice(2)
    .map((row) => row.split('|').map((cell) => cell.trim()));

it('the README has a row for each class that was measured, beside the peer where there is one', () => {
  const rows = cells(results);
  expect(rows.map(([, name]) => name)).toEqual(results.classes.map((own) => own.class));
  for (const [index, { quality, peer }] of results.classes.entries()) {
    const figures = [quality.f1, peer?.best.quality.f1].map((own) => (own ? own.value.toFixed(2) : '–'));
    expect(rows[index]!.slice(6, 8)).toEqual(figures);
  }
});

it('a class that no filter of the peer is for has a dash', () => {
  const [{ peer: _, ...alone }] = results.classes as unknown as [(typeof results.classes)[number]];
  expect(cells({ ...results, classes: [alone] })[0]![7]).toBe('–');
});
