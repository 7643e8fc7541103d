/** When a live event takes place, RFC 3339; open where a side is absent. */
export interface WatchWindow {
  readonly start?: string | undefined;
  readonly end?: string | undefined;
}

/** Whether a stream is to be watched now: from `start` until just before `end`. `now` in ms since 1970. */
export function isWatchTime(window: WatchWindow | undefined, now: number): boolean {
  const [start, end] = bounds(window);
  return now >= start && now < end;
}

/** The next time at which one of the windows opens or closes, in ms since 1970; `undefined` when none does. */
export function nextWindowChange(
  windows: Iterable<WatchWindow | undefined>,
  now: number,
): number | undefined {
  let next = Number.POSITIVE_INFINITY;
  for (const window of windows) {
    for (const bound of bounds(window)) if (bound > now) next = Math.min(next, bound);
  }
  return Number.isFinite(next) ? next : undefined;
}

function bounds(window: WatchWindow | undefined): [number, number] {
  return [
    window?.start === undefined ? Number.NEGATIVE_INFINITY : Date.parse(window.start),
    window?.end === undefined ? Number.POSITIVE_INFINITY : Date.parse(window.end),
  ];
}
