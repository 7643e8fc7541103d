import { detectorCatalogue } from '../../crds/detector-catalogue.ts';
import type { Severity } from '../../crds/detector-manifest.ts';
import type { Incident } from '../../crds/incident.ts';
import { pageRoutes } from '../../crds/page-api.ts';

/** An alert as Alertmanager's API v2 takes it. Its labels are its identity. */
export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** ISO 8601; an alert is resolved from `endsAt` on. */
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}

export interface AlertOptions {
  /** The severity it is or was told with. */
  readonly severity: Severity;
  readonly endsAt: string;
  readonly region?: string;
  /** Address of the live page, for links. */
  readonly pageUrl?: string;
}

/** The alert about an incident. Its labels are names and small sets, so that it can be routed, grouped and silenced. */
export function alertOf(incident: Incident, { severity, endsAt, region, pageUrl }: AlertOptions): Alert {
  const { namespace, monitor, stream, detector, kind, channel, startTime } = incident;
  return {
    labels: {
      alertname: 'StreamIncident',
      ...{ namespace, monitor, stream, detector, kind, severity },
      // Two channels of one stream can each have an incident of this kind.
      ...(channel !== undefined && { channel }),
      ...(region !== undefined && { region }),
    },
    annotations: {
      ...textOf(incident),
      incident: incident.id,
      ...(pageUrl !== undefined &&
        incident.evidence !== undefined && {
          evidence: `${base(pageUrl)}${pageRoutes.evidence}/${encodeURIComponent(incident.evidence)}`,
        }),
    },
    startsAt: startTime,
    // Clocks of two shards may differ, and Alertmanager refuses an alert that ends before it starts.
    endsAt: Date.parse(endsAt) < Date.parse(startTime) ? startTime : endsAt,
    ...(pageUrl !== undefined && {
      generatorURL: `${base(pageUrl)}/#/stream/${[namespace, monitor, stream].join('/')}`,
    }),
  };
}

function textOf(incident: Incident): { summary: string; description: string } {
  const { stream, detector, kind, channel, score, area, source, startTime } = incident;
  const manifest = detectorCatalogue[detector];
  const particulars = [
    `since ${startTime}`,
    channel !== undefined && `channel ${channel}`,
    `score ${score.toFixed(2)}`,
    area !== undefined && `${Math.round(area * 100)} % of the picture`,
    source !== undefined && `cause: ${source}`,
  ];
  return {
    summary: `${stream}: ${manifest?.title ?? detector} (${kind})`,
    description: [manifest?.kinds[kind]?.description, particulars.filter(Boolean).join(', ')]
      .filter(Boolean)
      .join(' '),
  };
}

function base(url: string): string {
  return url.replace(/[?#].*$/, '').replace(/\/+$/, '');
}
