import { z } from 'zod';
import { incidentSchema } from './incident.ts';
import type { TileChanges } from './page-api.ts';
import { streamPhases, streamReasonNames } from './stream-state.ts';

/** More than any shard watches. */
const largestWall = 5_000;
const text = () => z.string().max(1_000);

const tileIncident = incidentSchema
  .pick({
    id: true,
    state: true,
    detector: true,
    kind: true,
    channel: true,
    severity: true,
    suppressed: true,
    startTime: true,
    endTime: true,
  })
  .extend({ title: text().optional() })
  .strip();

const tile = z.object({
  namespace: text(),
  monitor: text(),
  name: text(),
  phase: z.enum(streamPhases),
  reason: z.enum(streamReasonNames),
  message: z.string(),
  since: z.iso.datetime(),
  thumbnail: text().optional(),
  video: text().optional(),
  audio: text().optional(),
  unknown: z.number(),
  incidents: z.array(tileIncident).max(100),
  history: z
    .array(
      z.object({ phase: z.enum(streamPhases), reason: z.enum(streamReasonNames), since: z.iso.datetime() }),
    )
    .max(100)
    .optional(),
});

/** Fields that a later shard adds are left out, so that shards can be newer than the operator. */
const tileChanges = z.object({
  time: z.iso.datetime(),
  region: text().optional(),
  cursor: z.string().max(40),
  complete: z.boolean(),
  tiles: z.array(tile).max(largestWall),
  removed: z.array(text()).max(2 * largestWall),
});

/** What a shard answers to `GET /api/tiles`; `undefined` for what is no such answer. */
export function parseTileChanges(answer: unknown): TileChanges | undefined {
  return tileChanges.safeParse(answer).data as TileChanges | undefined;
}
