import type { Incident } from './incident.ts';

/** `opened` comes first; `updated` when the severity rises or a worse picture is there; `closed` comes last. */
export type IncidentChangeName = 'opened' | 'updated' | 'closed';

/**
 * What a webhook receives: a CloudEvent 1.0 in structured JSON (`application/cloudevents+json`), signed as
 * Standard Webhooks say. Delivered at least once and in order per incident; `id` tells a repetition, and of two
 * events of one incident the one whose `data.incident.revision` is higher is later.
 */
export interface IncidentEvent {
  readonly specversion: '1.0';
  /** `{incident.id}.{incident.revision}`; also the header `webhook-id`. */
  readonly id: string;
  /** `/apis/streammonitor.dev/v1alpha1/namespaces/{namespace}/streammonitors/{monitor}` */
  readonly source: string;
  readonly type: `dev.streammonitor.incident.${IncidentChangeName}`;
  /** Name of the stream. */
  readonly subject: string;
  /** When the change happened, ISO 8601. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** Extension attribute: the vantage point, where one is configured. */
  readonly region?: string;
  readonly data: {
    readonly incident: Incident;
    /** `[media seconds, score]`, oldest first: how the defect came about. */
    readonly scores?: readonly (readonly [number, number])[];
    /** The last good frame beside the worst one; absent when there is none or it is too big. */
    readonly picture?: { readonly mediaType: 'image/jpeg'; readonly base64: string };
  };
}
