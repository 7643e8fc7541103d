import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Incident } from '../../crds/incident.ts';
import type { IncidentEvidence } from '../watch/watch-event.ts';
import { composeEvidence } from './compose-evidence.ts';

/** As in `{incident id}-{revision}.jpg`; nothing that could leave the directory. */
const safeName = /^[A-Za-z0-9][A-Za-z0-9-]{0,127}\.jpg$/;

export interface EvidenceStoreOptions {
  readonly directory: string;
  readonly logger: Logger;
  /** Beyond either the oldest pictures go; 500 files and 100 MB by default. */
  readonly maximumFiles?: number;
  readonly maximumBytes?: number;
}

/** Pictures of the latest incidents, as files that survive the process. */
export class EvidenceStore {
  readonly #directory: string;
  readonly #logger: Logger;
  readonly #maximumFiles: number;
  readonly #maximumBytes: number;
  /** Bytes by name, oldest first. */
  readonly #files = new Map<string, number>();
  #bytes = 0;

  /** @throws Error when the directory cannot be made or read */
  constructor({ directory, logger, maximumFiles = 500, maximumBytes = 100_000_000 }: EvidenceStoreOptions) {
    this.#directory = directory;
    this.#logger = logger;
    this.#maximumFiles = maximumFiles;
    this.#maximumBytes = maximumBytes;
    mkdirSync(directory, { recursive: true });
    this.#scan();
  }

  /**
   * Composes the picture of an incident's evidence, and keeps it under the name that the incident gives it, if
   * any. `undefined` when there is nothing to show or it failed, which the log tells; never rejects.
   */
  async add(incident: Incident, evidence: IncidentEvidence): Promise<Buffer | undefined> {
    try {
      const jpeg = await composeEvidence(evidence);
      if (jpeg && incident.evidence !== undefined) await this.#keep(incident.evidence, jpeg);
      return jpeg;
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown';
      this.#logger.error({ incident: incident.id, reason }, 'evidence picture could not be made');
      return undefined;
    }
  }

  /** A picture by its file name; `undefined` where there is none, or the name is none of ours. */
  async read(name: string): Promise<Buffer | undefined> {
    if (!this.#files.has(name)) return undefined;
    return readFile(join(this.#directory, name)).catch(() => undefined);
  }

  async #keep(name: string, jpeg: Buffer): Promise<void> {
    if (!safeName.test(name)) throw new Error(`"${name}" is not a name for a picture`);
    const path = join(this.#directory, name);
    await writeFile(`${path}.new`, jpeg);
    await rename(`${path}.new`, path);
    this.#remember(name, jpeg.length);
    this.#trim();
  }

  #scan(): void {
    const found = readdirSync(this.#directory).map((name) => {
      const { size, mtimeMs } = statSync(join(this.#directory, name));
      return { name, size, mtimeMs };
    });
    for (const { name, size } of found.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (safeName.test(name)) this.#remember(name, size);
      else if (name.endsWith('.new')) rmSync(join(this.#directory, name), { force: true });
    }
    this.#trim();
  }

  #remember(name: string, bytes: number): void {
    this.#bytes += bytes - (this.#files.get(name) ?? 0);
    this.#files.delete(name);
    this.#files.set(name, bytes);
  }

  #trim(): void {
    for (const [name, bytes] of this.#files) {
      if (this.#files.size <= this.#maximumFiles && this.#bytes <= this.#maximumBytes) return;
      this.#files.delete(name);
      this.#bytes -= bytes;
      rmSync(join(this.#directory, name), { force: true });
    }
  }
}
