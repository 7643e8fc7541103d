import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Incident } from '../../crds/incident.ts';
import type { StreamIdentity } from '../watch/watch-event.ts';

/** What must outlive the process: a stream's clock and its open incidents. */
export interface StreamMemory {
  /** Wall clock of the timeline's zero, in ms since 1970. */
  readonly origin: number;
  readonly open: readonly Incident[];
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

  /** What an earlier process left, if anything readable. */
  load(identity: StreamIdentity): StreamMemory | undefined {
    try {
      const memory = JSON.parse(readFileSync(this.#path(identity), 'utf8')) as Partial<StreamMemory>;
      if (typeof memory.origin !== 'number' || !Array.isArray(memory.open)) return undefined;
      return { origin: memory.origin, open: memory.open };
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
