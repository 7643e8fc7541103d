import type { PageIncident, PageStream, PageTile, PhaseChange, TileIncident } from './page-api.ts';

/** How far back a tile's strip shows, in ms. */
const shownMilliseconds = 600_000;
/** Incidents of a tile: what a strip of a few hundred pixels can tell apart. */
const incidentsShown = 30;

/** What the wall shows of a stream at `time`, in ms since 1970. */
export function tileOf(stream: PageStream, time: number): PageTile {
  const { detectors, incidents, history, monitoredSeconds: _, blindSeconds: __, ...rest } = stream;
  const left = time - shownMilliseconds;
  return {
    ...rest,
    unknown: detectors.filter(({ unknown }) => unknown !== undefined).length,
    incidents: incidents
      .filter(({ endTime }, index) => endTime === undefined || Date.parse(endTime) > left || index === 0)
      .slice(0, incidentsShown)
      .map(tileIncident),
    ...(history && { history: changesAfter(history, left) }),
  };
}

function tileIncident(incident: PageIncident): TileIncident {
  const { id, state, detector, title, kind, channel, severity, suppressed, startTime, endTime } = incident;
  return {
    ...{ id, state, detector, kind, severity, startTime },
    ...(title !== undefined && { title }),
    ...(channel !== undefined && { channel }),
    ...(suppressed !== undefined && { suppressed }),
    ...(endTime !== undefined && { endTime }),
  };
}

/** Those after `left`, and the one that held then. */
function changesAfter(history: readonly PhaseChange[], left: number): readonly PhaseChange[] {
  const held = history.findLastIndex(({ since }) => Date.parse(since) <= left);
  return held <= 0 ? history : history.slice(held);
}
