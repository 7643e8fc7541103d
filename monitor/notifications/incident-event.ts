import type { IncidentEvent } from '../../crds/incident-event.ts';
import type { WatchEvent } from '../watch/watch-event.ts';

/** Largest picture that goes with an event, in bytes: as base64 within the 256 kB that receivers commonly take. */
export const maximumPictureBytes = 180_000;
/** Points of the score curve that go with an event; a longer curve is thinned to its peaks. */
const maximumPoints = 240;

export type IncidentWatchEvent = Extract<WatchEvent, { type: 'incident' }>;

/** The id by which a receiver tells a repetition: one for each revision of an incident. */
export function incidentEventId({ incident }: IncidentWatchEvent): string {
  return `${incident.id}.${incident.revision}`;
}

/** The CloudEvent (CloudEvents 1.0.2) about a change. `now`: wall clock, ISO 8601. */
export function incidentEvent(
  event: IncidentWatchEvent,
  { now, region, picture }: { readonly now: string; readonly region?: string; readonly picture?: Buffer },
): IncidentEvent {
  const { incident, change, evidence } = event;
  const scores = evidence && thin(evidence.scores);
  const fits = picture !== undefined && picture.length <= maximumPictureBytes;
  return {
    specversion: '1.0',
    id: incidentEventId(event),
    source: `/apis/streammonitor.dev/v1alpha1/namespaces/${incident.namespace}/streammonitors/${incident.monitor}`,
    type: `dev.streammonitor.incident.${change}`,
    subject: incident.stream,
    time: change === 'opened' ? incident.openedAt : now,
    datacontenttype: 'application/json',
    ...(region !== undefined && { region }),
    data: {
      incident,
      ...(scores && scores.length > 0 && { scores }),
      ...(fits && { picture: { mediaType: 'image/jpeg', base64: picture.toString('base64') } }),
    },
  };
}

type Points = readonly (readonly [number, number])[];

function thin(points: Points): Points {
  const step = Math.ceil(points.length / maximumPoints);
  if (step <= 1) return points;
  const thinned: (readonly [number, number])[] = [];
  for (let from = 0; from < points.length; from += step) {
    thinned.push(
      points.slice(from, from + step).reduce((peak, point) => (point[1] > peak[1] ? point : peak)),
    );
  }
  return thinned;
}
