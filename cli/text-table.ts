import { stripVTControlCharacters } from 'node:util';

/**
 * Columns as wide as their widest cell. Colours take no room.
 * @param columns of the terminal: what is left of them is all that the last cell of a line gets; it has no colours
 */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns = Number.POSITIVE_INFINITY,
): string[] {
  const lines = [head, ...rows];
  const widths = head
    .slice(0, -1)
    .map((_, column) => Math.max(...lines.map((line) => widthOf(line[column]!))));
  const room = columns - widths.reduce((sum, width) => sum + width + gap.length, 0);
  return lines.map((line) => {
    const cells = widths.map((width, column) => line[column]! + ' '.repeat(width - widthOf(line[column]!)));
    return [...cells, clipped(line.at(-1)!, room)].join(gap).trimEnd();
  });
}

const gap = '  ';

function clipped(text: string, room: number): string {
  if (widthOf(text) <= room) return text;
  return `${text.slice(0, Math.max(0, room - 1))}…`;
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
