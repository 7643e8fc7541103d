import type { Fault } from '../../test/faults/fault.ts';
import { markdownTable } from './markdown-table.ts';

/** What holds under each fault, a row each. */
export function faultsTable(faults: readonly Fault[]): string {
  return markdownTable(
    ['fault', 'what breaks', 'what holds', 'unwatched at most'],
    faults.map(({ name, breaks, promise, bound, takesStreams = false, mayLose }) => [
      `\`${name}\``,
      breaks,
      mayLose === undefined ? promise : `${promise} (at most ${mayLose} s of it)`,
      `${bound} s${takesStreams ? ' after its end' : ''}`,
    ]),
  );
}
