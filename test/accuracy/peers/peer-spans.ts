import type { Span } from '../spans.ts';
import type { FrameMetadata } from './metadata.ts';

/**
 * Spans that a filter marks by the keys of their beginning and end. Neither `freezedetect`, `blackdetect` nor
 * `silencedetect` marks an end where the file ends within: it is taken to be there.
 */
export function markedSpans(
  frames: readonly FrameMetadata[],
  { start, end }: { readonly start: string; readonly end: string },
  seconds: number,
): Span[] {
  const spans: Span[] = [];
  let from: number | undefined;
  for (const { values } of frames) {
    const ended = values.get(end);
    if (ended !== undefined && from !== undefined) {
      spans.push([from, Number(ended)]);
      from = undefined;
    }
    const started = values.get(start);
    if (started !== undefined) from = Number(started);
  }
  return from === undefined ? spans : [...spans, [from, seconds]];
}

/** The same of filters that mark each channel by keys with its number, such as `lavfi.silence_start.1`, or none. */
export function channelSpans(frames: readonly FrameMetadata[], key: string, seconds: number): Span[] {
  const starts = frames
    .flatMap(({ values }) => [...values.keys()])
    .filter((own) => own.startsWith(`${key}_start`));
  return [...new Set(starts)].flatMap((start) =>
    markedSpans(frames, { start, end: start.replace('_start', '_end') }, seconds),
  );
}

/** Those that last for so many seconds: the same as if the filter had been told to find no shorter ones. */
export function lasting(spans: readonly Span[], shortest: number): Span[] {
  return spans.filter(([from, to]) => to - from >= shortest - 1e-6);
}

/** Where frames meet a condition, each up to the next frame; what is `gap` seconds apart is one. */
export function spansWhere(
  frames: readonly FrameMetadata[],
  isMet: (frame: FrameMetadata) => boolean,
  { seconds, gap = 0.3 }: { readonly seconds: number; readonly gap?: number },
): Span[] {
  const met = frames.flatMap((frame, index): Span[] =>
    isMet(frame) ? [[frame.time, frames[index + 1]?.time ?? seconds]] : [],
  );
  return joined(met, gap);
}

/** Where at least `count` times lie within `window` seconds. */
export function clusters(times: readonly number[], count: number, window: number): Span[] {
  const spans = times.flatMap((time, index): Span[] => {
    const last = times[index + count - 1];
    return last !== undefined && last - time <= window ? [[time, last]] : [];
  });
  return joined(spans, 0);
}

export function joined(spans: readonly Span[], gap: number): Span[] {
  const result: Span[] = [];
  for (const [from, to] of spans.toSorted((one, other) => one[0] - other[0])) {
    const last = result.at(-1);
    if (last && from - last[1] <= gap) result[result.length - 1] = [last[0], Math.max(last[1], to)];
    else result.push([from, to]);
  }
  return result;
}

/** A number that a frame carries; not a number where it does not. */
export function figure({ values }: FrameMetadata, key: string): number {
  return Number(values.get(key) ?? Number.NaN);
}
