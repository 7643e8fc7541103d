import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { type Incident, incidentSchema } from '../../crds/incident.ts';
import type { StreamIdentity } from '../watch/watch-event.ts';

export interface IncidentArchiveOptions {
  readonly directory: string;
  readonly logger: Logger;
  /** Beyond it the incidents go that changed longest ago; 1,000 by default. */
  readonly maximum?: number;
}

/** Changes of one incident that come within this time are written once, in ms. */
const settleMilliseconds = 1_000;

/**
 * The latest incidents of a shard, so that a link to one works after it closed, its stream went and the process was
 * started anew. One small file each, named by its id. What must not be lost is kept elsewhere: see `OpenIncidents`
 * and the results.
 */
export class IncidentArchive {
  readonly #directory: string;
  readonly #logger: Logger;
  readonly #maximum: number;
  /** Changed longest ago first. */
  readonly #incidents = new Map<string, Incident>();
  readonly #unwritten = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** @throws Error when the directory cannot be made or read */
  constructor({ directory, logger, maximum = 1_000 }: IncidentArchiveOptions) {
    this.#directory = directory;
    this.#logger = logger;
    this.#maximum = maximum;
    mkdirSync(directory, { recursive: true });
    this.#read();
  }

  keep(incident: Incident): void {
    const { id, revision } = incident;
    if ((this.#incidents.get(id)?.revision ?? 0) > revision) return;
    this.#incidents.delete(id);
    this.#incidents.set(id, incident);
    this.#unwritten.add(id);
    this.#timer ??= setTimeout(() => void this.#write(), settleMilliseconds).unref();
    this.#trim();
  }

  get(id: string): Incident | undefined {
    return this.#incidents.get(id);
  }

  /** Incidents of a stream that are over, as earlier processes left them too. */
  closedOf({ namespace, monitor, stream }: StreamIdentity): Incident[] {
    return [...this.#incidents.values()].filter(
      (known) =>
        known.state === 'closed' &&
        known.stream === stream &&
        known.monitor === monitor &&
        known.namespace === namespace,
    );
  }

  /** Writes what is not written yet. */
  async close(): Promise<void> {
    await this.#write();
  }

  #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(async () => {
      for (const id of [...this.#unwritten]) {
        this.#unwritten.delete(id);
        await this.#writeOne(id);
      }
    });
    return this.#writing;
  }

  async #writeOne(id: string): Promise<void> {
    const incident = this.#incidents.get(id);
    if (!incident) return;
    try {
      await writeFile(`${this.#path(id)}.new`, JSON.stringify(incident));
      await rename(`${this.#path(id)}.new`, this.#path(id));
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown';
      this.#logger.error({ incident: id, reason }, 'incident could not be kept for the page');
    }
  }

  #read(): void {
    const known = readdirSync(this.#directory).flatMap((name) => {
      const incident = name.endsWith('.json') ? readIncident(join(this.#directory, name)) : undefined;
      if (incident && `${incident.id}.json` === name) return [incident];
      rmSync(join(this.#directory, name), { force: true });
      return [];
    });
    const changed = ({ endTime, openedAt }: Incident) => Date.parse(endTime ?? openedAt);
    for (const incident of known.sort((a, b) => changed(a) - changed(b))) {
      this.#incidents.set(incident.id, incident);
    }
    this.#trim();
  }

  #trim(): void {
    for (const id of this.#incidents.keys()) {
      if (this.#incidents.size <= this.#maximum) return;
      this.#incidents.delete(id);
      this.#unwritten.delete(id);
      rmSync(this.#path(id), { force: true });
    }
  }

  #path(id: string): string {
    return join(this.#directory, `${id}.json`);
  }
}

function readIncident(path: string): Incident | undefined {
  try {
    return incidentSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}
