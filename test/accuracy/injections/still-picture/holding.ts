import type { Span } from '../../spans.ts';

/**
 * Filters after which the picture that is shown at the beginning of each span stays up to its end, as from a source
 * that stands still: the time stamps run on, and the programme goes on behind it.
 */
export function held(spans: readonly Span[], rate: number): string {
  return `${leftOut(spans, rate)},fps=${rate}`;
}

/** Filters after which the pictures within each span but the first are missing. Spans are `onFrames`. */
export function leftOut(spans: readonly Span[], rate: number): string {
  const within = spans.map(
    ([from, to]) => `between(n,${Math.round(from * rate) + 1},${Math.round(to * rate) - 1})`,
  );
  return `setpts=N/${rate}/TB,select='not(${within.join('+') || '0'})'`;
}

/** Moves both ends of a span onto frames. */
export function onFrames([from, to]: Span, rate: number): Span {
  return [Math.round(from * rate) / rate, Math.round(to * rate) / rate];
}
