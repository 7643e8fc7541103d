import type { Assignment, MonitorSettings, StreamAssignment } from '../../crds/assignment.ts';
import { expectedVideo } from './cost.ts';
import type { StreamDemand } from './stream-demand.ts';

/** What an assignment says of a stream whichever shard it is on. */
export type StreamEntry = Omit<StreamAssignment, 'role' | 'detectors' | 'adopt' | 'placement'>;

/** One stream of a StreamMonitor, for the planner and for the shards. */
export interface DesiredStream {
  readonly demand: StreamDemand;
  readonly entry: StreamEntry;
}

/** A StreamMonitor as the planner and the shards are told of it. */
export interface DesiredMonitor {
  /** `namespace/name`. */
  readonly key: string;
  readonly settings: MonitorSettings;
  readonly streams: readonly DesiredStream[];
}

/** Bytes of a value in an assignment document. */
export function documentBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/**
 * What runs of a StreamMonitor, as a wish to leave it so: for one whose change is refused, so that its streams
 * stay as they were. `undefined` when nothing of it runs.
 */
export function asItRuns(
  key: string,
  shards: readonly { readonly pool: string; readonly assignment: Assignment }[],
): DesiredMonitor | undefined {
  const running = shards.flatMap(({ pool, assignment }) =>
    assignment.streams
      .filter(({ monitor }) => monitor === key)
      .map((stream) => ({ stream, pool, settings: assignment.monitors[key]! })),
  );
  const [first] = running;
  if (!first) return undefined;
  const byName = Map.groupBy(running, ({ stream }) => stream.name);
  const streams = [...byName.values()].map((parts): DesiredStream => {
    // In a move, the shard that the stream goes to has the settings that it will have.
    const { stream, pool } = parts.find((part) => part.stream.role === 'warming') ?? parts[0]!;
    const { role, detectors, adopt, placement, ...entry } = stream;
    const subsets = [
      ...new Map(parts.map((part) => [part.stream.detectors.join(), part.stream.detectors])).values(),
    ];
    return {
      entry,
      demand: {
        monitor: key,
        name: stream.name,
        pool,
        priority: stream.priority,
        video: expectedVideo(stream.rendition),
        detectors: subsets.flat().sort(),
        ...(subsets.length > 1 && { subsets }),
        ...(stream.exclusive && { exclusive: true }),
        ...(stream.reference && { reference: true }),
        bytes: documentBytes(stream),
      },
    };
  });
  return { key, settings: first.settings, streams };
}
