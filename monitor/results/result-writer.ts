import { join } from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import { type Assignment, type ResultsTarget, s3TargetSchema } from '../../crds/assignment.ts';
import { resultObjects, type SummaryRecord } from '../../crds/result-record.ts';
import type { MountedSecrets } from '../secrets/mounted-secrets.ts';
import { type OnOutcome, outcomeOf, type Verdict } from '../spool/delivery.ts';
import { Dispatcher } from '../spool/dispatcher.ts';
import type { RetryPolicy } from '../spool/retry-delay.ts';
import type { Spool, SpoolItem } from '../spool/spool.ts';
import type { StreamIdentity, WatchEvent } from '../watch/watch-event.ts';
import { DirectoryStore } from './directory-store.ts';
import { Journal, spoolKey } from './journal.ts';
import { MinuteSummaries } from './minute-summaries.ts';
import type { ObjectStore } from './object-store.ts';
import { incidentRecord, type RecordSource, summaryRecord } from './result-records.ts';
import { S3Store } from './s3-store.ts';
import { type Destination, destinationsOf, evidenceKey, hourOf } from './series.ts';

const sink = 'results';

const metaSchema = z.object({
  key: z.string(),
  destination: z.union([z.object({ s3: s3TargetSchema.loose() }), z.object({ directory: z.string() })]),
  contentType: z.string(),
  /** When the object was complete, wall clock in ms. */
  since: z.number(),
});
interface Meta {
  readonly key: string;
  readonly destination: Destination;
  readonly contentType: string;
  readonly since: number;
}

export interface ResultWriterOptions {
  readonly spool: Spool;
  readonly stateDirectory: string;
  readonly secrets: MountedSecrets;
  readonly logger: Logger;
  /** Random, new at every start of the process. */
  readonly bootId: string;
  readonly onOutcome: OnOutcome;
  /** Age, of all, and size (JSON, uncompressed) at which records become an object; those of `resultObjects` by default. */
  readonly flushSeconds?: number;
  readonly flushBytes?: number;
  readonly retry?: RetryPolicy;
}

/** How often minutes and journals are looked at, in ms. */
const tick = 1000;

/**
 * Writes the result series of each detector: incidents as they change and a summary of each minute. Incidents
 * are on disk when `handle` returns; summaries once their minute is over, so that a killed process loses the
 * seconds of one minute. What is on disk survives until its store has acknowledged it.
 */
export class ResultWriter {
  readonly #options: ResultWriterOptions;
  readonly #journal: Journal;
  readonly #dispatcher: Dispatcher;
  readonly #stores = new Map<string, ObjectStore>();
  readonly #summaries = new MinuteSummaries<StreamIdentity>();
  readonly #pictures = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #source: RecordSource | undefined;
  #targets: Readonly<Record<string, ResultsTarget | undefined>> = {};
  #detectors: ReadonlyMap<string, readonly string[]> = new Map();
  /** No stream is left, and the shard is about to go: nothing more is waited for. */
  #isWindingUp = false;
  #sealing: Promise<void>;

  constructor(options: ResultWriterOptions) {
    const { spool, stateDirectory, logger, bootId, retry } = options;
    this.#options = options;
    this.#journal = new Journal({
      directory: join(stateDirectory, 'results'),
      spool,
      sink,
      logger,
      bootId,
      flushSeconds: {
        summary: options.flushSeconds ?? resultObjects.seconds,
        incident: options.flushSeconds ?? resultObjects.incidentSeconds,
      },
      flushBytes: options.flushBytes ?? resultObjects.bytes,
    });
    this.#dispatcher = new Dispatcher({
      spool,
      sink,
      logger,
      attemptSeconds: 60,
      ...(retry && { retry }),
      route: ({ key, meta }) => ({ lane: key, destination: placeOf((meta as Meta).destination) }),
      send: (item, body, signal) => this.#put(item.meta as Meta, body, signal),
      onResult: (item, result) => this.#report(item.meta as Meta, result),
    });
    this.#dispatcher.resume((meta) => metaSchema.safeParse(meta).success);
    this.#sealing = this.#journal.recover().then((items) => this.#upload(items));
    this.#timer = setInterval(() => {
      const now = this.#isWindingUp ? Number.POSITIVE_INFINITY : Date.now();
      this.#flush(now, now);
    }, tick);
  }

  /** Bytes of records that are not in the spool yet, those of minutes that are not over estimated. */
  get pendingBytes(): number {
    return this.#journal.bytes + this.#summaries.open * resultObjects.summaryBytes;
  }

  /** Where each StreamMonitor's results go, and which detectors run on which stream. */
  configure({ shard, region, monitors, streams }: Assignment): void {
    this.#source = { shard, bootId: this.#options.bootId, ...(region !== undefined && { region }) };
    const targets = Object.entries(monitors).map(([name, { results }]) => [name, results] as const);
    // The last incidents of a StreamMonitor that is leaving are still to come.
    this.#targets = { ...this.#targets, ...Object.fromEntries(targets) };
    this.#isWindingUp = streams.length === 0;
    this.#detectors = new Map(
      streams.map(({ monitor, name, detectors }) => [`${monitor}/${name}`, detectors]),
    );
  }

  /** Takes incidents, watched seconds and, with an incident, its picture; other events are of no concern here. */
  handle(identity: StreamIdentity, event: WatchEvent, picture?: Promise<Buffer | undefined>): void {
    if (event.type === 'seconds') {
      const key = `${identity.namespace}/${identity.monitor}/${identity.stream}`;
      if (this.#destinations(identity).length > 0) {
        this.#summaries.add(key, identity, this.#detectors.get(key), event.seconds);
      }
    }
    if (event.type !== 'incident' || !this.#source) return;
    const { evidence } = event.incident;
    const record = incidentRecord(event, this.#source, new Date().toISOString());
    for (const destination of this.#destinations(identity)) {
      this.#append(destination, 'incident', [record]);
      if (picture && evidence !== undefined) this.#spoolPicture(destination, evidence, picture);
    }
  }

  /** Makes objects of everything and waits until they are acknowledged; false when that takes longer. */
  async drain(seconds: number): Promise<boolean> {
    this.#flush(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    await Promise.all(this.#pictures);
    await this.#sealing;
    return this.#dispatcher.drain(seconds);
  }

  /** Stops; what is not acknowledged stays on disk, the minutes that are not over included. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#flush(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
    await Promise.all(this.#pictures);
    await this.#sealing;
    await this.#dispatcher.close();
    for (const store of this.#stores.values()) store.close();
  }

  /** Records minutes over at `minutes` and seals journals due at `journals`, both in ms since 1970. */
  #flush(minutes: number, journals: number): void {
    const series = new Map<string, { destination: Destination; records: SummaryRecord[] }>();
    for (const summary of this.#summaries.take(minutes)) {
      const record = summaryRecord(summary, this.#source!);
      for (const destination of this.#destinations(summary.stream)) {
        const id = `${JSON.stringify(destination)}/${summary.detector}/${hourOf(record.time)}`;
        const group = series.get(id) ?? { destination, records: [] };
        group.records.push(record);
        series.set(id, group);
      }
    }
    for (const { destination, records } of series.values()) {
      this.#append(destination, 'summary', records);
    }
    this.#sealing = this.#sealing
      .then(() => this.#journal.seal(journals))
      .then((items) => this.#upload(items));
  }

  /** Appends records of one detector and hour. */
  #append(
    destination: Destination,
    importance: 'summary' | 'incident',
    records: readonly { readonly time: string; readonly detector: string }[],
  ): void {
    const { time, detector } = records[0]!;
    const { shard } = this.#source!;
    const series = { shard, destination, detector, hour: hourOf(time), importance };
    if (this.#journal.append(series, records)) return;
    if (importance === 'incident') this.#upload([this.#journal.spoolAlone(series, records)]);
    else this.#options.onOutcome({ sink: kindOf(destination), outcome: 'dropped' });
  }

  #spoolPicture(destination: Destination, fileName: string, picture: Promise<Buffer | undefined>): void {
    const spooling = picture
      .then((body) => {
        if (!body) return;
        const key = evidenceKey(destination, fileName);
        const meta: Meta = { key, destination, contentType: 'image/jpeg', since: Date.now() };
        const item = { sink, key: spoolKey(destination, key), importance: 'evidence', meta, body } as const;
        this.#upload([this.#options.spool.add(item)]);
      })
      .catch(() => {})
      .finally(() => this.#pictures.delete(spooling));
    this.#pictures.add(spooling);
  }

  #upload(items: readonly (SpoolItem | undefined)[]): void {
    for (const item of items) if (item) this.#dispatcher.enqueue(item);
  }

  async #put({ key, destination, contentType }: Meta, body: Buffer, signal: AbortSignal): Promise<Verdict> {
    await this.#store(destination).put(key, body, contentType, signal);
    return { result: 'delivered' };
  }

  #store(destination: Destination): ObjectStore {
    const id = JSON.stringify(destination);
    let store = this.#stores.get(id);
    if (!store) {
      store = destination.s3
        ? new S3Store(destination.s3, this.#options.secrets)
        : new DirectoryStore(destination.directory);
      this.#stores.set(id, store);
    }
    return store;
  }

  #destinations({ namespace, monitor }: StreamIdentity): Destination[] {
    const target = this.#targets[`${namespace}/${monitor}`];
    return target ? destinationsOf(target) : [];
  }

  #report({ destination, since }: Meta, result: Verdict['result'] | 'dropped'): void {
    this.#options.onOutcome({ sink: kindOf(destination), ...outcomeOf(result, since, Date.now()) });
  }
}

function kindOf(destination: Destination): 's3' | 'directory' {
  return destination.s3 ? 's3' : 'directory';
}

/** Names a destination for the log. */
function placeOf(destination: Destination): string {
  return destination.s3 ? `s3 bucket ${destination.s3.bucket}` : 'directory';
}
