import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { MonitorSettings, StreamAssignment } from '../../crds/assignment.ts';
import type { StreamReport } from '../../crds/shard-report.ts';
import { StreamUrl } from '../../crds/stream-url.ts';
import { IngressError, type IngressEvidence } from '../ingress/ingress.ts';
import { type ActiveDetector, wantsOf } from '../watch/detector-selection.ts';
import { openStream, type SessionSource } from '../watch/session-source.ts';
import { StreamWatcher } from '../watch/stream-watcher.ts';
import type { StreamIdentity, WatchEvent } from '../watch/watch-event.ts';
import { type MountedSecrets, SecretError } from './mounted-secrets.ts';
import type { OpenIncidents } from './open-incidents.ts';
import { StreamTally } from './stream-tally.ts';

export interface AssignedStreamOptions {
  readonly assignment: StreamAssignment;
  readonly settings: MonitorSettings;
  readonly detectors: readonly ActiveDetector[];
  readonly secrets: MountedSecrets;
  readonly openIncidents: OpenIncidents;
  readonly allowedRanges: readonly string[];
  readonly socketDirectory: string;
  /** Receives every event after open incidents have been written to disk. */
  readonly emit: (identity: StreamIdentity, event: WatchEvent) => void;
  readonly logger: Logger;
}

/** After a fault in the analysis itself, a stream is started anew, not at once. */
const faultPauseMilliseconds = 5000;

/** While incidents are open, how far they were watched is kept on disk this often, in ms. */
const keepEveryMilliseconds = 5000;

/** One stream of the shard's assignment: watched until it is taken away, whatever happens to it. */
export class AssignedStream {
  readonly identity: StreamIdentity;
  readonly #options: AssignedStreamOptions;
  readonly #origin: number;
  readonly #tally = new StreamTally();
  readonly #stopping = new AbortController();
  #done: Promise<void> = Promise.resolve();
  #watcher: StreamWatcher;
  #keptAt = 0;

  constructor(options: AssignedStreamOptions) {
    this.#options = options;
    const { settings, assignment } = options;
    this.identity = { namespace: settings.namespace, monitor: settings.name, stream: assignment.name };
    this.#origin = options.openIncidents.load(this.identity)?.origin ?? Date.now();
    this.#watcher = this.#createWatcher();
  }

  start(): void {
    this.#done = this.#watch();
  }

  get assignment(): StreamAssignment {
    return this.#options.assignment;
  }

  get detectors(): readonly ActiveDetector[] {
    return this.#options.detectors;
  }

  get cpuSeconds(): number {
    return this.#tally.cpuSeconds;
  }

  report(): StreamReport {
    const watermarkTime = new Date(this.#origin + this.#watcher.time * 1000).toISOString();
    return this.#tally.report(this.#options.assignment, this.#watcher.openIncidents, watermarkTime);
  }

  /** `close`: the stream left the shard. `keep`: the process ends, and another goes on with the open incidents. */
  async stop(incidents: 'close' | 'keep'): Promise<void> {
    this.#stopping.abort();
    this.#watcher.stop(incidents);
    await this.#done;
    if (incidents === 'close') this.#options.openIncidents.forget(this.identity);
  }

  async #watch(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#watcher.watch();
        // A finite source is over: nothing is left to do until the stream is taken away.
        return;
      } catch (error) {
        this.#options.logger.error({ err: error }, 'watching failed: the stream is started anew');
        await sleep(faultPauseMilliseconds, undefined, { signal: this.#stopping.signal }).catch(() => {});
        if (!this.#stopping.signal.aborted) this.#watcher = this.#createWatcher();
      }
    }
  }

  #createWatcher(): StreamWatcher {
    const { detectors, socketDirectory, logger, openIncidents } = this.#options;
    const memory = openIncidents.load(this.identity);
    return new StreamWatcher({
      identity: this.identity,
      detectors,
      wants: wantsOf(detectors, { preview: true }),
      open: (onEvidence) => this.#open(onEvidence),
      persistent: true,
      pictures: true,
      clock: { origin: this.#origin, now: Date.now },
      newId: randomUUID,
      ...(memory && { adopt: { incidents: memory.open, watchedUntil: memory.watchedUntil } }),
      emit: (event) => this.#receive(event),
      socketDirectory,
      logger,
    });
  }

  /** The original URL and its Secrets, read anew for every attempt. */
  async #open(onEvidence: (evidence: IngressEvidence) => void): Promise<SessionSource> {
    const { assignment, secrets, allowedRanges, logger } = this.#options;
    try {
      const url = new StreamUrl(assignment.urlFrom ? secrets.read(assignment.urlFrom) : assignment.url!);
      return await openStream(url, {
        rendition: assignment.rendition,
        headers: secrets.headers(assignment.headersFrom),
        allowedRanges,
        onEvidence,
        onRemark: (message) => logger.info(message),
      });
    } catch (error) {
      if (error instanceof SecretError)
        throw new IngressError('Unauthorized', error.message, { cause: error });
      if (error instanceof TypeError) throw new IngressError('UnsupportedStream', `the URL ${error.message}`);
      throw error;
    }
  }

  #receive(event: WatchEvent): void {
    this.#tally.add(event);
    // An open incident is on disk before anyone hears of it; a closed one stays there until everyone was told.
    if (event.type === 'incident' && event.change !== 'closed') this.#keep();
    this.#options.emit(this.identity, event);
    if (event.type === 'incident' && event.change === 'closed') this.#keep();
    if (event.type === 'seconds' && this.#watcher.openIncidents.length > 0) {
      if (Date.now() - this.#keptAt >= keepEveryMilliseconds) this.#keep();
    }
  }

  #keep(): void {
    this.#keptAt = Date.now();
    const { openIncidents, time } = this.#watcher;
    const memory = { origin: this.#origin, open: openIncidents, watchedUntil: time };
    try {
      this.#options.openIncidents.save(this.identity, memory);
    } catch (error) {
      // A full disk must not keep the incident from being told.
      this.#options.logger.error({ err: error }, 'open incidents could not be kept on disk');
    }
  }
}
