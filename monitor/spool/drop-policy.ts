/** What a spooled item is worth, least first: when the spool is full, summaries go first and incidents last. */
export const importances = ['summary', 'evidence', 'update', 'incident'] as const;
export type Importance = (typeof importances)[number];

export interface Weighed {
  /** Rises with every item. */
  readonly order: number;
  readonly bytes: number;
  readonly importance: Importance;
}

/**
 * Which items to give up so that `incoming` fits into `capacity` bytes beside `held`: the least important first
 * and, of equal importance, the oldest first, because newer news is worth more to whoever comes back after an
 * outage. When that would reach the incoming item itself, it alone is given up.
 */
export function chooseDrops<T extends Weighed>(held: readonly T[], incoming: T, capacity: number): T[] {
  if (incoming.bytes > capacity) return [incoming];
  let excess = held.reduce((sum, { bytes }) => sum + bytes, incoming.bytes) - capacity;
  if (excess <= 0) return [];
  const drops: T[] = [];
  for (const item of [...held, incoming].sort(leastFirst)) {
    if (item === incoming) return [incoming];
    drops.push(item);
    excess -= item.bytes;
    if (excess <= 0) break;
  }
  return drops;
}

function leastFirst(a: Weighed, b: Weighed): number {
  return importances.indexOf(a.importance) - importances.indexOf(b.importance) || a.order - b.order;
}
