import type { ClassResult, PeerSetting } from './class-result.ts';
import type { CleanResult } from './clean-result.ts';
import { type Estimate, poissonUpperBound, type Quality } from './statistics.ts';

const columns: readonly (readonly [title: string, width: number, cell: (result: ClassResult) => string])[] = [
  ['class', 34, (result) => result.class],
  ['events', 8, ({ tally }) => String(tally.events)],
  ['precision', 18, ({ quality }) => share(quality.precision)],
  ['recall', 18, ({ quality }) => share(quality.recall)],
  ['F1', 18, ({ quality }) => share(quality.f1)],
  ['coverage', 10, ({ quality }) => quality.coverage?.value.toFixed(3) ?? '–'],
  ['onset s', 12, ({ onset }) => (onset ? `${onset.median.toFixed(2)} / ${onset.p95.toFixed(2)}` : '–')],
  [
    'error',
    18,
    ({ error }) => (error ? `${figure(error.median)} / ${figure(error.p95)} ${error.unit}` : '–'),
  ],
  ['peer F1', 10, ({ peer }) => (peer ? peerF1(peer.defaults) : '–')],
  ['at its best', 10, ({ peer }) => (peer ? peerF1(peer.best) : '–')],
];

/** For a terminal. */
export function table(results: readonly ClassResult[]): string {
  const row = (cells: readonly string[]) =>
    cells
      .map((cell, index) => cell.padEnd(columns[index]?.[1] ?? 0))
      .join(' ')
      .trimEnd();
  return [
    row(columns.map(([title]) => title)),
    ...results.map((result) => row(columns.map(([, , cell]) => cell(result)))),
  ].join('\n');
}

/** For a terminal: clips without a defect. */
export function cleanTable(results: readonly CleanResult[]): string {
  return results
    .map(({ class: name, clips, seconds, falseAlarms }) => {
      const count = Object.values(falseAlarms).reduce((one, other) => one + other, 0);
      const detectors = Object.entries(falseAlarms).map(([detector, own]) => `${detector} ${own}`);
      const hours = seconds / 3600;
      const bound = (poissonUpperBound(count) / hours).toFixed(1);
      const told = detectors.length > 0 ? detectors.join(', ') : 'none';
      return `${name.padEnd(34)} ${clips} clips, ${hours.toFixed(2)} h: false alarms ${told}; below ${bound} an hour (95 %)`;
    })
    .join('\n');
}

/** `.987 (.95–1)`: a share and its bounds. */
export function share(estimate: Estimate | undefined): string {
  if (!estimate) return '–';
  return `${estimate.value.toFixed(3)} (${estimate.low.toFixed(2)}–${estimate.high.toFixed(2)})`;
}

function peerF1({ quality }: { readonly quality: Quality } & PeerSetting): string {
  return quality.f1?.value.toFixed(3) ?? '–';
}

function figure(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(0);
}
