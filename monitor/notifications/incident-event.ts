import type { IncidentEvent } from '../../crds/incident-event.ts';
import type { IncidentWatchEvent } from '../watch/watch-event.ts';

/** Largest picture that goes with an event, in bytes: as base64 within the 256 kB that receivers commonly take. */
export const maximumPictureBytes = 180_000;
/** Points of the score curve that go with an event; a longer curve is thinned to its peaks. */
const maximumPoints = 240;

/** The CloudEvent (CloudEvents 1.0.2) about a change, its id one for each revision of an incident. */
export function incidentEvent(event: IncidentWatchEvent, now: string, region?: string): IncidentEvent {
  const { incident, change, evidence } = event;
  const scores = evidence && thin(evidence.scores);
  return {
    specversion: '1.0',
    id: `${incident.id}.${incident.revision}`,
    source: `/apis/streammonitor.dev/v1alpha1/namespaces/${incident.namespace}/streammonitors/${incident.monitor}`,
    type: `dev.streammonitor.incident.${change}`,
    subject: incident.stream,
    time: change === 'opened' ? incident.openedAt : now,
    datacontenttype: 'application/json',
    ...(region !== undefined && { region }),
    data: { incident, ...(scores && scores.length > 0 && { scores }) },
  };
}

/** The event with a picture (JPEG), unless that is too big. */
export function withPicture(event: IncidentEvent, jpeg: Buffer): IncidentEvent {
  if (jpeg.length > maximumPictureBytes) return event;
  const picture = { mediaType: 'image/jpeg', base64: jpeg.toString('base64') } as const;
  return { ...event, data: { ...event.data, picture } };
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
