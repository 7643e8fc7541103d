import { isDeepStrictEqual } from 'node:util';
import {
  type Assignment,
  type MonitorSettings,
  type StreamAssignment,
  shardApiVersion,
} from '../../crds/assignment.ts';
import type { DesiredMonitor } from './desired-monitor.ts';
import { modulesOfSettings, mountedSecrets, secretsOfSettings, secretsOfStream } from './mounted-secrets.ts';
import type { Placement, PlannedShard } from './shard-state.ts';

/** What the installation adds to every assignment. */
export interface Installation {
  /** Labels metrics, results and events. */
  readonly region?: string;
  /** Folder for the results of StreamMonitors that name no bucket. */
  readonly resultsDirectory?: string;
}

/** An assignment that has to be written, and the pool of its shard. */
export interface ChangedAssignment {
  readonly assignment: Assignment;
  readonly pool: string;
}

/**
 * The assignments that differ from what lies there; none when nothing changed.
 * @param now ms since 1970
 * @param running generation that each shard says it runs: one that is above that of its assignment, as after somebody
 *   deleted it or brought an old one back, would refuse what is written next
 */
export function changedAssignments(
  planned: readonly PlannedShard[],
  current: ReadonlyMap<string, Assignment>,
  desired: ReadonlyMap<string, DesiredMonitor>,
  installation: Installation,
  now: number,
  running: ReadonlyMap<string, number> = new Map(),
): ChangedAssignment[] {
  const entries = new Map(
    [...desired.values()].flatMap(({ key, streams }) =>
      streams.map((stream) => [`${key}/${stream.demand.name}`, stream] as const),
    ),
  );
  return planned.flatMap((shard): ChangedAssignment[] => {
    const before = current.get(shard.name);
    const mounted = before && mountedSecrets(before);
    const monitors = settingsOf(shard, before, desired, mounted);
    const streams = shard.placements.map((placement) => {
      const stream = entries.get(`${placement.monitor}/${placement.name}`);
      const known = before && entryBefore(placement, before);
      const isLeaving = stream?.demand.pool !== shard.pool;
      const stays = !stream || (known && isLeaving && lacks(mounted!, secretsOfStream(stream.entry)));
      return { ...(stays ? known! : stream.entry), ...placed(placement) };
    });
    const { region } = installation;
    const content = { ...(region !== undefined && { region }), monitors, streams };
    const generation = Math.max(before?.generation ?? 0, running.get(shard.name) ?? 0);
    if (before?.generation === generation && isDeepStrictEqual(content, contentOf(before))) return [];
    return [
      {
        pool: shard.pool,
        assignment: {
          apiVersion: shardApiVersion,
          kind: 'Assignment',
          shard: shard.name,
          generation: generation + 1,
          time: new Date(now).toISOString(),
          ...content,
        },
      },
    ];
  });
}

/** What an assignment document says of placements. */
export function placementsOf({ generation, time, streams }: Assignment): Placement[] {
  return streams.map(({ monitor, name, detectors, role, adopt, placement }) => ({
    monitor,
    name,
    detectors: detectors.toSorted(),
    role,
    cost: placement?.cost ?? 0,
    generation: placement?.generation ?? generation,
    since: Date.parse(placement?.since ?? time ?? new Date(0).toISOString()),
    reason: placement?.reason ?? 'it was there',
    ...(placement?.from !== undefined && { from: placement.from }),
    ...(adopt && { adopt }),
  }));
}

function placed({
  detectors,
  role,
  adopt,
  cost,
  generation,
  since,
  reason,
  from,
}: Placement): Pick<StreamAssignment, 'role' | 'detectors' | 'adopt' | 'placement'> {
  return {
    detectors: [...detectors],
    role,
    ...(adopt && { adopt }),
    placement: {
      generation,
      since: new Date(since).toISOString(),
      reason,
      ...(from !== undefined && { from }),
      cost,
    },
  };
}

function settingsOf(
  { placements, pool }: PlannedShard,
  before: Assignment | undefined,
  desired: ReadonlyMap<string, DesiredMonitor>,
  mounted: ReadonlySet<string> | undefined,
): Record<string, MonitorSettings> {
  // A shard without streams still has things to deliver, for which it needs the settings that it had.
  if (placements.length === 0) return before?.monitors ?? {};
  const keys = [...new Set(placements.map(({ monitor }) => monitor))].sort();
  return Object.fromEntries(
    keys.map((key) => {
      const known = before?.monitors[key];
      const wanted = desired.get(key);
      if (!wanted) return [key, known!];
      const isLeaving = wanted.streams.every(({ demand }) => demand.pool !== pool);
      const lacksModules = () => {
        const modules = new Set(Object.values(before!.monitors).flatMap(modulesOfSettings));
        return lacks(modules, modulesOfSettings(wanted.settings));
      };
      const stays =
        known && isLeaving && (lacks(mounted!, secretsOfSettings(wanted.settings)) || lacksModules());
      return [key, stays ? known : wanted.settings];
    }),
  );
}

/** Until it moves, a stream stays as it was on pods that lack the Secrets and modules that it is to be watched with. */
function lacks(mounted: ReadonlySet<string>, needed: readonly string[]): boolean {
  return needed.some((secret) => !mounted.has(secret));
}

/** A stream that is wanted no longer stays as it is until its shard has let go of it. */
function entryBefore({ monitor, name }: Placement, before: Assignment): StreamAssignment | undefined {
  return before.streams.find((stream) => stream.monitor === monitor && stream.name === name);
}

function contentOf({
  region,
  monitors,
  streams,
}: Assignment): Pick<Assignment, 'region' | 'monitors' | 'streams'> {
  return { ...(region !== undefined && { region }), monitors, streams };
}
