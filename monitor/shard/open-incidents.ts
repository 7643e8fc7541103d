import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { severities } from '../../crds/detector-manifest.ts';
import { type Incident, incidentSchema } from '../../crds/incident.ts';
import type { StreamIdentity } from '../watch/watch-event.ts';

/** What must outlive the process: a stream's clock and its open incidents. */
export interface StreamMemory {
  /** Wall clock of the timeline's zero, in ms since 1970. */
  readonly origin: number;
  readonly open: readonly Incident[];
  /** Media seconds up to which the open incidents were watched. */
  readonly watchedUntil: number;
  /** Revisions in which the open incidents were told, by id; of one that is not here nobody knows whether it was. */
  readonly told?: Readonly<Record<string, number>>;
  /** Names the hand-over that was adopted. */
  readonly adopted?: string;
  /** When actions were last taken, by name, ISO 8601. */
  readonly actionTimes?: ActionTimes;
  /** The stream was handed over and is not watched here any more. */
  readonly demotion?: Demotion;
}

/** Wall clocks by name of the action, ISO 8601. */
export type ActionTimes = Readonly<Record<string, string>>;

/** What the next owner must know beside the open incidents. */
export interface Demotion {
  /** Wall clock up to which everything was told, ISO 8601. */
  readonly watermarkTime: string;
  /** Incidents closed within the last minute before. */
  readonly closed: readonly Incident[];
}

/**
 * Keeps each stream's open incidents on disk, written before the first notification of each, so that a process
 * killed at any point goes on under the same ids. One small file a stream, replaced atomically.
 */
export class OpenIncidents {
  readonly #directory: string;

  constructor(stateDirectory: string) {
    this.#directory = join(stateDirectory, 'streams');
    mkdirSync(this.#directory, { recursive: true });
  }

  /** What an earlier process left, as far as it is readable and makes sense. */
  load(identity: StreamIdentity): StreamMemory | undefined {
    try {
      const memory = JSON.parse(readFileSync(this.#path(identity), 'utf8')) as Partial<StreamMemory>;
      const { origin, watchedUntil } = memory;
      if (!isTime(origin) || !Array.isArray(memory.open)) return undefined;
      const open = memory.open.filter((incident) => isOpenIncident(incident, identity));
      const latest = Math.max(0, ...open.map(({ start }) => start));
      const demotion = readDemotion(memory.demotion);
      return {
        ...{ origin, open, watchedUntil: isTime(watchedUntil) ? watchedUntil : latest },
        ...(typeof memory.adopted === 'string' && { adopted: memory.adopted }),
        ...readTold(memory.told),
        ...(demotion && { demotion }),
        ...readTimes(memory.actionTimes),
      };
    } catch {
      return undefined;
    }
  }

  save(identity: StreamIdentity, memory: StreamMemory): void {
    const path = this.#path(identity);
    writeFileSync(`${path}.new`, JSON.stringify(memory));
    renameSync(`${path}.new`, path);
  }

  /** The stream left this shard. */
  forget(identity: StreamIdentity): void {
    rmSync(this.#path(identity), { force: true });
  }

  /** Names are DNS labels: none holds the separator. */
  #path({ namespace, monitor, stream }: StreamIdentity): string {
    return join(this.#directory, `${namespace}_${monitor}_${stream}.json`);
  }
}

function readDemotion(value: unknown): Demotion | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { watermarkTime, closed } = value as Partial<Record<keyof Demotion, unknown>>;
  if (typeof watermarkTime !== 'string' || !isTime(Date.parse(watermarkTime))) return undefined;
  const readable = (Array.isArray(closed) ? closed : []).flatMap(
    (incident) => incidentSchema.safeParse(incident).data ?? [],
  );
  return { watermarkTime, closed: readable.filter(({ endTime }) => endTime !== undefined) };
}

function readTold(value: unknown): Pick<StreamMemory, 'told'> {
  if (typeof value !== 'object' || value === null) return {};
  return {
    told: Object.fromEntries(Object.entries(value).filter(([, revision]) => Number.isInteger(revision))),
  };
}

function readTimes(value: unknown): Pick<StreamMemory, 'actionTimes'> {
  if (typeof value !== 'object' || value === null) return {};
  const times = Object.entries(value).filter(
    ([, time]) => typeof time === 'string' && isTime(Date.parse(time)),
  );
  return { actionTimes: Object.fromEntries(times) };
}

/** Finite, and small enough to be a date. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) < 1e14;
}

function isOpenIncident(value: unknown, identity: StreamIdentity): value is Incident {
  if (typeof value !== 'object' || value === null) return false;
  const incident = value as Partial<Record<keyof Incident, unknown>>;
  const { namespace, monitor, stream, severity, actions } = incident;
  return (
    incident.state === 'open' &&
    namespace === identity.namespace &&
    monitor === identity.monitor &&
    stream === identity.stream &&
    [incident.id, incident.detector, incident.kind, incident.startTime, incident.openedAt].every(
      (text) => typeof text === 'string' && text !== '',
    ) &&
    severities.some((known) => known === severity) &&
    [incident.start, incident.score, incident.confidence].every(isTime) &&
    Number.isInteger(incident.revision) &&
    incidentSchema.shape.actions.safeParse(actions).success
  );
}
