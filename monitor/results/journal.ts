import {
  closeSync,
  fdatasyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Spool, SpoolItem } from '../spool/spool.ts';
import { syncDirectory } from '../spool/sync-directory.ts';
import { objectKey, type Series } from './series.ts';

const compress = promisify(gzip);

const headerSchema = z.object({
  key: z.string(),
  destination: z.unknown(),
  importance: z.enum(['summary', 'incident']),
});
type Header = z.infer<typeof headerSchema>;

interface OpenJournal {
  readonly series: string;
  readonly path: string;
  readonly file: number;
  readonly header: Header;
  /** Wall clock, ms. */
  readonly openedAt: number;
  bytes: number;
}

export interface JournalOptions {
  readonly directory: string;
  readonly spool: Spool;
  /** Sink of the spooled objects. */
  readonly sink: string;
  readonly logger: Logger;
  /** Random, new at every start of the process: no key is ever used twice. */
  readonly bootId: string;
  /** Age at which records become an object. */
  readonly flushSeconds: Readonly<Record<Series['importance'], number>>;
  /** Of JSON, before compression. */
  readonly flushBytes: number;
}

/**
 * Collects records into objects. A series' records are appended to a file as they come, and that file knows the
 * object's key from its first line on: a process that is killed leaves files that the next one uploads under the
 * keys they were to have. Incidents are synced to the disk, summaries are not.
 */
export class Journal {
  readonly #options: JournalOptions;
  readonly #open = new Map<string, OpenJournal>();
  /** On their way into the spool. */
  readonly #sealing = new Set<OpenJournal>();
  #sequence = 0;

  /** @throws Error when the directory cannot be made or read */
  constructor(options: JournalOptions) {
    this.#options = options;
    mkdirSync(options.directory, { recursive: true });
  }

  /** Bytes of records that are not in the spool yet. */
  get bytes(): number {
    return [...this.#open.values(), ...this.#sealing].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * Appends records, on disk when this returns. False when the disk would not take them: incidents are then for
   * `spoolAlone`.
   */
  append(series: Series, records: readonly object[]): boolean {
    const bytes = linesOf(records);
    try {
      const journal = this.#journalOf(series);
      appendWhole(journal, bytes, series.importance === 'incident');
      return true;
    } catch (error) {
      const { detector, importance } = series;
      const code = error instanceof Error && 'code' in error ? error.code : 'unknown';
      const facts = { code, detector, importance, records: records.length };
      this.#options.logger.error(facts, 'results cannot be written');
      return false;
    }
  }

  /** Spools records as an object of their own: what the disk does not take either, the spool keeps in memory. */
  spoolAlone(series: Series, records: readonly object[]): SpoolItem | undefined {
    const { bootId } = this.#options;
    const key = objectKey(series, `${series.shard}-${bootId}-${++this.#sequence}`);
    return this.#add(
      { key, destination: series.destination, importance: series.importance },
      gzipSync(linesOf(records)),
    );
  }

  /** Turns journals that are old or big enough at `now` (ms) into spooled objects; all of them when infinite. */
  async seal(now: number): Promise<SpoolItem[]> {
    const { flushSeconds, flushBytes } = this.#options;
    const items: SpoolItem[] = [];
    for (const journal of [...this.#open.values()]) {
      const age = flushSeconds[journal.header.importance] * 1000;
      if (now - journal.openedAt < age && journal.bytes < flushBytes) continue;
      this.#open.delete(journal.series);
      this.#sealing.add(journal);
      try {
        closeSync(journal.file);
        items.push(...(await this.#spool(journal.path, journal.header)));
      } finally {
        this.#sealing.delete(journal);
      }
    }
    return items;
  }

  /** Spools what earlier processes left. A last line that was cut short is named in the log and left out. */
  async recover(): Promise<SpoolItem[]> {
    const { directory, logger } = this.#options;
    const mine = new Set([...this.#open.values()].map(({ path }) => path));
    const items: SpoolItem[] = [];
    for (const name of readdirSync(directory).sort()) {
      const path = join(directory, name);
      if (mine.has(path) || !name.endsWith('.journal')) continue;
      try {
        const text = readFileSync(path, 'utf8');
        const header = headerSchema.parse(JSON.parse(text.slice(0, text.indexOf('\n'))));
        if (!text.endsWith('\n'))
          logger.warn({ key: header.key }, 'the last result record was cut short; left out');
        items.push(...(await this.#spool(path, header)));
      } catch (error) {
        const reason = error instanceof Error ? error.name : 'unreadable';
        logger.error({ file: name, reason }, 'results journal has no readable header; it stays where it is');
      }
    }
    return items;
  }

  #journalOf(series: Series): OpenJournal {
    const id = JSON.stringify(series);
    const existing = this.#open.get(id);
    if (existing) return existing;
    const { directory, bootId } = this.#options;
    const name = `${bootId}-${++this.#sequence}`;
    const { destination, importance, shard } = series;
    const header: Header = { key: objectKey(series, `${shard}-${name}`), destination, importance };
    const path = join(directory, `${name}.journal`);
    const file = openSync(path, 'ax', 0o600);
    const journal: OpenJournal = { series: id, path, file, header, openedAt: Date.now(), bytes: 0 };
    try {
      appendWhole(journal, Buffer.from(`${JSON.stringify(header)}\n`), false);
    } catch (error) {
      closeSync(file);
      rmSync(path, { force: true });
      throw error;
    }
    this.#open.set(id, journal);
    if (importance === 'incident') syncDirectory(directory);
    return journal;
  }

  /** An object is in the spool before its journal goes: killed in between, the next process spools it again. */
  async #spool(path: string, header: Header): Promise<SpoolItem[]> {
    const bytes = readFileSync(path);
    const records = bytes.subarray(bytes.indexOf('\n') + 1, bytes.lastIndexOf('\n') + 1);
    const items: SpoolItem[] = [];
    if (records.length > 0) {
      const item = this.#add(header, await compress(records));
      if (item) items.push(item);
    }
    rmSync(path, { force: true });
    return items;
  }

  #add({ key, destination, importance }: Header, body: Buffer): SpoolItem | undefined {
    const { spool, sink } = this.#options;
    const meta = { key, destination, contentType: 'application/gzip', since: Date.now() };
    return spool.add({ sink, key: spoolKey(destination, key), importance, meta, body });
  }
}

function linesOf(records: readonly object[]): Buffer {
  return Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

/** Names an object within the spool. */
export function spoolKey(destination: unknown, key: string): string {
  return `${JSON.stringify(destination)}/${key}`;
}

/** Writes all or, on a disk that is full half-way, nothing: what comes later must not join a torn line. */
function appendWhole(journal: OpenJournal, bytes: Buffer, synced: boolean): void {
  try {
    for (let offset = 0; offset < bytes.length; ) offset += writeSync(journal.file, bytes, offset);
    if (synced) fdatasyncSync(journal.file);
    journal.bytes += bytes.length;
  } catch (error) {
    ftruncateSync(journal.file, journal.bytes);
    throw error;
  }
}
