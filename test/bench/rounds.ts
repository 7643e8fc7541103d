/** Something that is measured once a round, by name. */
export type Measures<Name extends string> = Readonly<Record<Name, () => Promise<number>>>;

/**
 * Takes every measure once a round, one after another; each round begins with the next one, so that a machine that
 * slows down or speeds up favours none. Resolves to the values by round.
 */
export async function interleaved<Name extends string>(
  measures: Measures<Name>,
  rounds: number,
): Promise<Readonly<Record<Name, readonly number[]>>> {
  const names = Object.keys(measures) as Name[];
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < rounds; round++) {
    for (const name of rotated(names, round)) values[name].push(await measures[name]());
  }
  return values;
}

/** The same order, begun `by` places later. */
export function rotated<T>(order: readonly T[], by: number): readonly T[] {
  const first = order.length === 0 ? 0 : by % order.length;
  return [...order.slice(first), ...order.slice(0, first)];
}
