import type { StreamReason } from '../../crds/stream-state.ts';
import type { WatchedSeconds } from './watch-event.ts';

/** A gap that is longer is told from its end backwards, in ms: nobody asks for the minutes of a stream of days ago. */
const longestGap = 24 * 3_600_000;
const minute = 60_000;

/** The part of a period after a wall clock (ms since 1970), taken as evenly filled; undefined where none is. */
export function secondsSince(seconds: WatchedSeconds, time: number): WatchedSeconds | undefined {
  const [from, to] = [Date.parse(seconds.from), Date.parse(seconds.to)];
  if (from >= time) return seconds;
  if (to <= time) return undefined;
  const share = (to - time) / (to - from);
  const scaled = (counts: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count * share]));
  return {
    from: iso(time),
    to: seconds.to,
    monitored: seconds.monitored * share,
    blind: scaled(seconds.blind),
    defect: seconds.defect.map((defect) => ({ ...defect, seconds: defect.seconds * share })),
    ...(seconds.suppressed && { suppressed: scaled(seconds.suppressed) }),
    frames: Math.round(seconds.frames * share),
    evidence: seconds.evidence,
    cpu: seconds.cpu * share,
  };
}

/** Seconds in which nobody watched, one period for each minute of the wall clock (ms since 1970). */
export function blindSeconds(from: number, to: number, reason: StreamReason): WatchedSeconds[] {
  const periods: WatchedSeconds[] = [];
  for (let start = Math.max(from, to - longestGap); start < to; ) {
    const end = Math.min(to, (Math.floor(start / minute) + 1) * minute);
    periods.push({
      ...{ from: iso(start), to: iso(end), monitored: 0, blind: { [reason]: (end - start) / 1000 } },
      ...{ defect: [], frames: 0, evidence: {}, cpu: 0 },
    });
    start = end;
  }
  return periods;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
