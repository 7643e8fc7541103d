import { z } from 'zod';
import { severities } from './detector-manifest.ts';
import { suppressionReasons } from './suppression.ts';

const incidentAction = z.strictObject({
  name: z.string().describe('Name of the action in spec.actions.'),
  at: z.iso.datetime().describe('When it was taken, ISO 8601.'),
  outcome: z
    .enum(['pending', 'delivered', 'failed', 'abandoned'])
    .describe(
      'pending: no answer yet; delivered: the receiver took it; failed: the receiver refused it; abandoned: the ' +
        'incident closed before the receiver could be reached.',
    ),
  status: z.number().int().optional().describe('HTTP status of the answer.'),
  result: z.string().max(100).optional().describe('What the receiver said of the result.'),
});

/** An incident: in notifications, results, reports and hand-overs. */
export const incidentSchema = z.strictObject({
  id: z
    .uuid()
    .describe('Random UUID; the same in every notification, result record, report and on the page.'),
  revision: z
    .number()
    .int()
    .positive()
    .describe('Rises with every change; of two records with one id the higher revision is later.'),
  state: z.enum(['open', 'closed']).describe('Whether the incident is open.'),
  namespace: z.string().describe('Namespace of the StreamMonitor.'),
  monitor: z.string().describe('Name of the StreamMonitor.'),
  stream: z.string().describe('Name of the stream.'),
  detector: z.string().describe('Type of the detector that found the defect.'),
  kind: z.string().describe('Kind of defect, one of those of the detector.'),
  severity: z.enum(severities).describe('Worst severity so far.'),
  channel: z.string().optional().describe('Audio channel the defect is confined to, such as FL.'),
  start: z.number().describe("Media seconds on the stream's timeline when the defect began."),
  end: z.number().optional().describe('Media seconds when it ended, once over.'),
  startTime: z.iso.datetime().describe('When the defect began, on the wall clock, ISO 8601.'),
  endTime: z.iso.datetime().optional().describe('When it ended, once over, ISO 8601.'),
  openedAt: z.iso.datetime().describe('Wall clock at which the incident was opened, ISO 8601.'),
  score: z.number().describe('Worst score so far, 0 … 1.'),
  confidence: z.number().describe('How sure the detector is, 0 … 1.'),
  area: z.number().optional().describe('Share of the picture affected, 0 … 1.'),
  source: z
    .string()
    .optional()
    .describe('What suggests the cause, such as transport for block corruption after lost packets.'),
  closeReason: z
    .enum(['recovered', 'stream-ended', 'watch-stopped'])
    .optional()
    .describe('Why the incident closed: the defect ended, the stream ended, or watching stopped.'),
  suppressed: z
    .enum(suppressionReasons)
    .optional()
    .describe('The defect was to be expected, and why: it is recorded, and alarms nobody.'),
  slate: z
    .string()
    .optional()
    .describe('Name of the slate that was shown, where that is why the defect was to be expected.'),
  outlasts: z
    .uuid()
    .optional()
    .describe(
      'Id of the suppressed incident whose defect outlasted what was expected: it has the beginning, and its picture.',
    ),
  evidence: z
    .string()
    .optional()
    .describe(
      'File name below the evidence route and the evidence prefix of the results, when there is a picture.',
    ),
  actions: z
    .array(incidentAction)
    .readonly()
    .optional()
    .describe('Corrective actions that were taken, oldest first.'),
});

/** One defect that a viewer would notice. Opened, updated and closed under one random id. */
export type Incident = Readonly<z.infer<typeof incidentSchema>>;
/** What was done about an incident, and what came of it. */
export type IncidentAction = Readonly<z.infer<typeof incidentAction>>;
