interface Best<A, B> {
  readonly count: number;
  readonly cost: number;
  readonly pairs: readonly (readonly [A, B])[];
}

/**
 * Pairs the elements of two sequences without crossing: as many as possible, and of those ways the one with the
 * least sum of distances. `distance` is undefined where two elements are no pair.
 */
export function pairInOrder<A, B>(
  first: readonly A[],
  second: readonly B[],
  distance: (a: A, b: B) => number | undefined,
): readonly (readonly [A, B])[] {
  const nothing: Best<A, B> = { count: 0, cost: 0, pairs: [] };
  let before: Best<A, B>[] = new Array(second.length + 1).fill(nothing);
  for (const a of first) {
    const row = [nothing];
    for (const [index, b] of second.entries()) {
      const without = better(before[index + 1]!, row[index]!);
      const apart = distance(a, b);
      row.push(apart === undefined ? without : better(without, extended(before[index]!, [a, b], apart)));
    }
    before = row;
  }
  return before.at(-1)!.pairs;
}

function extended<A, B>(best: Best<A, B>, pair: readonly [A, B], apart: number): Best<A, B> {
  return { count: best.count + 1, cost: best.cost + apart, pairs: [...best.pairs, pair] };
}

function better<A, B>(one: Best<A, B>, other: Best<A, B>): Best<A, B> {
  if (one.count !== other.count) return one.count > other.count ? one : other;
  return one.cost <= other.cost ? one : other;
}
