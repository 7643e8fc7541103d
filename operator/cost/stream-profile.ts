import { parse } from 'yaml';
import { z } from 'zod';
import { validate } from '../../crds/validation-error.ts';
import type { WatchWindow } from '../planner/watch-window.ts';

/** A stretch of time in which so many streams are watched. */
export interface ProfileStretch {
  readonly hours: number;
  readonly streams: number;
}

/** Hours of a leap year. */
const longest = 366 * 24;
const profileSchema = z.strictObject({
  streams: z
    .array(z.number().int({ error: 'must be a whole number' }).nonnegative({ error: 'must be 0 or more' }))
    .min(1)
    .max(longest),
});

/**
 * Reads how many streams there are in each hour: YAML or JSON, a list of whole numbers, of a day, a week or a year.
 * @throws Error naming the wrong entry and the fix
 */
export function parseStreamsByHour(text: string): ProfileStretch[] {
  const list: unknown = parse(text);
  if (!Array.isArray(list))
    throw new Error('must be a list of the streams in each hour, such as [2, 2, 8, 20, 8, 2]');
  const { streams } = validate(profileSchema, { streams: list });
  return streams.map((count) => ({ hours: 1, streams: count }));
}

const hour = 3_600_000;

/**
 * How many streams there are from the first to the last time that a window names. One that is open on a side is open
 * there for all of that time. `undefined` when no window names two different times.
 */
export function streamsByWindows(
  windows: readonly (WatchWindow | undefined)[],
): ProfileStretch[] | undefined {
  const spans = windows.map((window) => [timeOf(window?.start, -1), timeOf(window?.end, 1)] as const);
  const times = [...new Set(spans.flat().filter(Number.isFinite))].sort((a, b) => a - b);
  if (times.length < 2) return undefined;
  return times.slice(1).map((to, index) => {
    const from = times[index]!;
    return {
      hours: (to - from) / hour,
      streams: spans.filter(([start, end]) => start <= from && end >= to).length,
    };
  });
}

function timeOf(time: string | undefined, side: 1 | -1): number {
  return time === undefined ? side * Number.POSITIVE_INFINITY : Date.parse(time);
}
