import { z } from 'zod';
import { type Severity, severities } from './detector-manifest.ts';
import { type SuppressionReason, suppressionReasons } from './suppression.ts';

/** One defect that a viewer would notice. Opened, updated and closed under one random id. */
export interface Incident {
  /** Random UUID; the same in every notification, result record, report and on the page. */
  readonly id: string;
  /** Rises by one with every change; of two records with one id the higher revision is later. */
  readonly revision: number;
  readonly state: 'open' | 'closed';
  readonly namespace: string;
  /** Name of the StreamMonitor. */
  readonly monitor: string;
  readonly stream: string;
  readonly detector: string;
  readonly kind: string;
  readonly severity: Severity;
  /** Audio channel the defect is confined to, such as `FL`. */
  readonly channel?: string;
  /** Media seconds on the stream's timeline: when the defect began and, once over, ended. */
  readonly start: number;
  readonly end?: number;
  /** The same on the wall clock, ISO 8601. */
  readonly startTime: string;
  readonly endTime?: string;
  /** Wall clock at which the incident was opened, ISO 8601. */
  readonly openedAt: string;
  /** Worst score so far, 0 … 1. */
  readonly score: number;
  /** 0 … 1: how sure the detector is. */
  readonly confidence: number;
  /** Share of the picture affected, 0 … 1. */
  readonly area?: number;
  /** What suggests the cause, such as `transport` for block corruption after lost packets. */
  readonly source?: string;
  /** Why the incident closed: the defect ended, the stream ended, or watching stopped. */
  readonly closeReason?: 'recovered' | 'stream-ended' | 'watch-stopped';
  /** The defect was to be expected, and why: it is recorded, and alarms nobody. */
  readonly suppressed?: SuppressionReason;
  /** Id of the suppressed incident whose defect outlasted what was expected: it has the beginning, and its picture. */
  readonly outlasts?: string;
  /** File name below the evidence route and the evidence prefix of the results, when there is a picture. */
  readonly evidence?: string;
}

/** An incident as one shard hands it to another, by way of a report and an assignment. */
export const incidentSchema: z.ZodType<Incident> = z.strictObject({
  id: z.uuid(),
  revision: z.number().int().positive(),
  state: z.enum(['open', 'closed']),
  namespace: z.string(),
  monitor: z.string(),
  stream: z.string(),
  detector: z.string(),
  kind: z.string(),
  severity: z.enum(severities),
  channel: z.string().optional(),
  start: z.number(),
  end: z.number().optional(),
  startTime: z.iso.datetime(),
  endTime: z.iso.datetime().optional(),
  openedAt: z.iso.datetime(),
  score: z.number(),
  confidence: z.number(),
  area: z.number().optional(),
  source: z.string().optional(),
  closeReason: z.enum(['recovered', 'stream-ended', 'watch-stopped']).optional(),
  suppressed: z.enum(suppressionReasons).optional(),
  outlasts: z.uuid().optional(),
  evidence: z.string().optional(),
});
