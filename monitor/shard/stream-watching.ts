import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { SecretKey, StreamAssignment } from '../../crds/assignment.ts';
import { StreamUrl } from '../../crds/stream-url.ts';
import { IngressError, type IngressListener } from '../ingress/ingress.ts';
import { ContentKeys } from '../ingress/segmented/content-keys.ts';
import { soundtrackWish } from '../ingress/segmented/soundtrack-choice.ts';
import { type MountedSecrets, SecretError } from '../secrets/mounted-secrets.ts';
import { faultPauseMilliseconds } from '../watch/back-off.ts';
import { type ActiveDetector, comparesWithReference, wantsOf } from '../watch/detector-selection.ts';
import { createStreamWatcher } from '../watch/reference-watcher.ts';
import { openStream, type SessionSource } from '../watch/session-source.ts';
import type { StreamWatcher, WatcherOptions } from '../watch/stream-watcher.ts';
import type { StreamIdentity, WatchEvent } from '../watch/watch-event.ts';

export interface StreamWatchingOptions {
  readonly identity: StreamIdentity;
  readonly assignment: StreamAssignment;
  readonly detectors: readonly ActiveDetector[];
  readonly secrets: MountedSecrets;
  readonly allowedRanges: readonly string[];
  readonly pipeDirectory: string;
  /** Wall clock of the timeline's zero, in ms since 1970. */
  readonly origin: number;
  /** Open incidents that each new watcher goes on with. */
  readonly adopt: () => WatcherOptions['adopt'];
  readonly onRestart: () => void;
  readonly emit: (event: WatchEvent) => void;
  readonly logger: Logger;
}

/** Whatever is opened: a stream, or its reference. */
type OpenedSource = Pick<StreamAssignment, 'url' | 'urlFrom' | 'headersFrom' | 'rendition'> &
  Partial<Pick<StreamAssignment, 'keyFrom' | 'audioTrack' | 'audioLanguage'>>;

/** The watching of one assigned stream, whatever happens to it: a watcher that fails is followed by another. */
export class StreamWatching {
  readonly #options: StreamWatchingOptions;
  readonly #stopping = new AbortController();
  #watcher: StreamWatcher;
  #done: Promise<void> = Promise.resolve();

  constructor(options: StreamWatchingOptions) {
    this.#options = options;
    this.#watcher = this.#createWatcher();
  }

  /** The watcher of the moment. */
  get watcher(): StreamWatcher {
    return this.#watcher;
  }

  start(): void {
    this.#done = this.#watch();
  }

  /** Resolves when the source is let go of and the last event was emitted. `keep`: open incidents go on elsewhere. */
  async stop(incidents: 'close' | 'keep'): Promise<void> {
    this.#stopping.abort();
    this.#watcher.stop(incidents);
    await this.#done;
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
        if (this.#stopping.signal.aborted) return;
        this.#options.onRestart();
        this.#watcher = this.#createWatcher();
      }
    }
  }

  #createWatcher(): StreamWatcher {
    const { identity, assignment, detectors, origin, adopt, emit, pipeDirectory, logger } = this.#options;
    const { reference } = assignment;
    const adopted = adopt();
    return createStreamWatcher(
      {
        identity,
        detectors,
        ...(assignment.expect && { expect: assignment.expect }),
        wants: wantsOf(detectors, {
          preview: true,
          soundtrack: soundtrackWish(assignment),
          slates: assignment.expect?.slates !== undefined,
        }),
        open: (listener) => this.#open(assignment, listener),
        persistent: true,
        pictures: true,
        clock: { origin, now: Date.now },
        newId: randomUUID,
        ...(adopted && { adopt: adopted }),
        emit,
        pipeDirectory,
        logger,
      },
      reference && comparesWithReference(detectors)
        ? {
            // The smallest pictures do: they are reduced anyway.
            open: (listener) => this.#open({ ...reference, rendition: 'lowest' }, listener),
            persistent: true,
          }
        : undefined,
    );
  }

  /** The original URL and its Secrets, read anew for every attempt. */
  async #open(source: OpenedSource, listener: IngressListener): Promise<SessionSource> {
    const { secrets, allowedRanges, logger } = this.#options;
    try {
      const keys = source.keyFrom && contentKeys(secrets, source.keyFrom);
      const soundtrack = soundtrackWish(source);
      const url = source.urlFrom
        ? new StreamUrl(secrets.read(source.urlFrom), { secret: true })
        : new StreamUrl(source.url!);
      return await openStream(url, {
        rendition: source.rendition,
        ...(soundtrack && { soundtrack }),
        headers: secrets.headers(source.headersFrom),
        ...(keys && { keys }),
        allowedRanges,
        ...listener,
        onRemark: (message) => logger.info(message),
      });
    } catch (error) {
      if (error instanceof SecretError)
        throw new IngressError('Unauthorized', error.message, { cause: error });
      if (error instanceof TypeError) throw new IngressError('UnsupportedStream', `the URL ${error.message}`);
      throw error;
    }
  }
}

/** @throws SecretError also where it holds something else than keys */
function contentKeys(secrets: MountedSecrets, reference: SecretKey): ContentKeys {
  const text = secrets.read(reference);
  try {
    return ContentKeys.parse(text);
  } catch (error) {
    throw new SecretError(`Secret ${reference.name}, key ${reference.key}: ${(error as Error).message}`);
  }
}
