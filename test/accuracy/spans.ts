/** `[from, to]` in media seconds. */
export type Span = readonly [from: number, to: number];

/** Seconds that two spans share, 0 where they do not meet. */
export function overlap([from, to]: Span, [otherFrom, otherTo]: Span): number {
  return Math.max(0, Math.min(to, otherTo) - Math.max(from, otherFrom));
}

/** Seconds of `span` that lie in any of `others`, each second counted once. */
export function covered(span: Span, others: readonly Span[]): number {
  let seconds = 0;
  let reached = span[0];
  for (const [from, to] of others.toSorted((one, other) => one[0] - other[0])) {
    seconds += overlap([reached, span[1]], [from, to]);
    reached = Math.max(reached, Math.min(to, span[1]));
  }
  return seconds;
}

/** Whether two spans meet or are at most `distance` seconds apart. */
export function near([from, to]: Span, [otherFrom, otherTo]: Span, distance: number): boolean {
  return from <= otherTo + distance && otherFrom <= to + distance;
}

export function shifted(spans: readonly Span[], seconds: number): Span[] {
  return spans.map(([from, to]) => [from + seconds, to + seconds]);
}
