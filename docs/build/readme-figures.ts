import type { ResultFile } from '../../test/accuracy/result-file.ts';
import type { Estimate } from '../../test/accuracy/statistics.ts';
import { markdownTable } from './markdown-table.ts';

/** A row for every class that was measured, beside the best that a filter of ffmpeg came to on the same files. */
export function figureRows({ classes }: ResultFile): string {
  return markdownTable(
    ['injected', 'detector', 'events', 'precision', 'recall', 'F1', 'F1 of ffmpeg’s filter at its best'],
    classes.map(({ class: name, detector, tally, quality, peer }) => [
      name,
      `\`${detector}\``,
      String(tally.events),
      ...[quality.precision, quality.recall, quality.f1, peer?.best.quality.f1].map(figure),
    ]),
  );
}

function figure(estimate: Estimate | undefined): string {
  return estimate ? estimate.value.toFixed(2) : '–';
}
