import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import {
  type Assignment,
  type MonitorSettings,
  type StreamAssignment,
  shardApiVersion,
} from '../../crds/assignment.ts';
import type { DetectorSettings } from '../../crds/detector-manifest.ts';
import type { ShardReport } from '../../crds/shard-report.ts';
import type { CustomModules } from '../modules/custom-modules.ts';
import { knownDetectors, selectDetectors } from '../watch/detector-selection.ts';
import type { StreamIdentity, WatchEvent } from '../watch/watch-event.ts';
import { AssignedStream, type AssignedStreamOptions } from './assigned-stream.ts';

/** Whoever wants to know what the shard's streams do. Called in order, per stream. */
export interface ShardSink {
  /** This shard speaks for the stream from now on. */
  addStream?(stream: AssignedStream): void;
  /** It does not any more. */
  removeStream?(identity: StreamIdentity): void;
  /** Must have what it needs on disk when it returns: the process can be killed right after. */
  handle(identity: StreamIdentity, event: WatchEvent): void;
}

export type ShardOptions = Pick<
  AssignedStreamOptions,
  'secrets' | 'openIncidents' | 'allowedRanges' | 'pipeDirectory'
> & {
  /** Random, new at every start of the process. */
  readonly bootId: string;
  readonly modules: CustomModules;
  readonly sinks: readonly ShardSink[];
  /** Told before the streams change, so that sinks can follow the monitors' settings. */
  readonly onAssignment: (assignment: Assignment) => void;
  readonly logger: Logger;
};

interface Identified {
  readonly key: string;
  readonly stream: StreamAssignment;
  /** What the watching depends on: as long as it stays the same, the watching is left alone. */
  readonly definition: unknown;
}

/** The streams that one process watches, kept as the assignment says. */
export class Shard {
  readonly #options: ShardOptions;
  readonly #streams = new Map<string, { running: AssignedStream; definition: unknown }>();
  readonly #startedAt = new Date().toISOString();
  #assignment: Assignment | undefined;
  /** Of the assignment that the streams follow, once they all do. */
  #generation = 0;
  #closed = false;
  /** Assignments are applied one after the other: each works on the streams that the last one left. */
  #applying: Promise<void> = Promise.resolve();

  constructor(options: ShardOptions) {
    this.#options = options;
  }

  /** The document that was accepted last. */
  get assignment(): Assignment | undefined {
    return this.#assignment;
  }

  get streams(): readonly AssignedStream[] {
    return [...this.#streams.values()].map(({ running }) => running);
  }

  /**
   * Follows a new assignment as a difference: streams that stay as they are notice nothing.
   * @throws Error naming the streams that cannot be watched, once all others are
   */
  apply(assignment: Assignment): Promise<void> {
    return this.#queue(() => this.#apply(assignment));
  }

  /** A module is another now: the streams that it watches begin anew with it. */
  applyAgain(): Promise<void> {
    // That of its turn: a newer one may be waiting to be followed.
    return this.#queue(async () => {
      if (this.#assignment) await this.#apply(this.#assignment);
    });
  }

  /** Ends the process's part: open incidents stay open for whoever goes on. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#applying;
    await Promise.all([...this.#streams.keys()].map((key) => this.#remove(key, 'keep')));
  }

  #queue(work: () => Promise<void>): Promise<void> {
    const done = this.#applying.then(work);
    this.#applying = done.catch(() => {});
    return done;
  }

  async #apply(assignment: Assignment): Promise<void> {
    if (this.#closed) return;
    const { modules } = this.#options;
    await modules.use([...new Set(Object.values(assignment.monitors).flatMap(modulesOf))]);
    const version = (module: string) => modules.version(module);
    const wanted = new Map(
      assignment.streams.map((stream) => identify(assignment, stream, version)).map((one) => [one.key, one]),
    );
    this.#options.onAssignment(assignment);
    this.#assignment = assignment;
    const leaving = [...this.#streams].filter(([key, { definition }]) => {
      const next = wanted.get(key);
      // One that is handed over is not watched any more, by whatever definition.
      return !next || (next.stream.role !== 'demoted' && !isDeepStrictEqual(next.definition, definition));
    });
    // A stream whose settings changed goes on with its open incidents under the new ones.
    await Promise.all(leaving.map(([key]) => this.#remove(key, wanted.has(key) ? 'keep' : 'close')));
    const refused: string[] = [];
    await Promise.all(
      [...this.#streams].map(([key, { running }]) =>
        this.#follow(running, wanted.get(key)!.stream).catch((error: Error) =>
          refused.push(`${key}: ${error.message}`),
        ),
      ),
    );
    for (const one of wanted.values()) {
      if (this.#closed || this.#streams.has(one.key)) continue;
      await this.#add(assignment, one).catch((error: Error) => refused.push(`${one.key}: ${error.message}`));
    }
    this.#generation = assignment.generation;
    if (refused.length > 0) throw new Error(`streams that cannot be watched: ${refused.join('; ')}`);
  }

  /** The report, but for what the shard itself does not know. */
  report(): Omit<ShardReport, 'spoolBytes' | 'dropped'> {
    const streams = this.streams;
    const converters = streams.reduce((sum, stream) => sum + stream.cpuSeconds, 0);
    const { user, system } = process.cpuUsage();
    return {
      apiVersion: shardApiVersion,
      kind: 'ShardReport',
      shard: this.#assignment?.shard ?? '',
      bootId: this.#options.bootId,
      generation: this.#generation,
      time: new Date().toISOString(),
      startedAt: this.#startedAt,
      cpuSeconds: (user + system) / 1e6 + converters,
      memoryBytes: process.memoryUsage.rss(),
      streams: streams.map((stream) => stream.report()),
    };
  }

  async #add(assignment: Assignment, { key, stream, definition }: Identified): Promise<void> {
    const settings = assignment.monitors[stream.monitor]!;
    const { modules, sinks, logger } = this.#options;
    const identity = { namespace: settings.namespace, monitor: settings.name, stream: stream.name };
    const own = logger.child({ ...identity, shard: assignment.shard });
    const { known, unsupported } = await knownDetectors(detectorsOf(settings, stream));
    if (unsupported.length > 0)
      own.warn({ unsupported }, 'detectors that this version does not have are left out');
    const running = new AssignedStream({
      ...this.#options,
      assignment: stream,
      settings,
      detectors: [...(await selectDetectors(known)), ...modules.select(customOf(settings, stream))],
      unsupported,
      emit: (from, event) => {
        for (const sink of sinks) {
          try {
            sink.handle(from, event);
          } catch (error) {
            // A full disk, say. Neither the other sinks nor the watching depend on this one.
            own.error({ err: error, event: event.type }, 'an event could not be passed on');
          }
        }
      },
      logger: own,
    });
    this.#streams.set(key, { running, definition });
    if (stream.role === 'owner') this.#show(running);
    running.start();
  }

  async #follow(running: AssignedStream, next: StreamAssignment): Promise<void> {
    const { role } = running.assignment;
    if (next.role === 'owner' && role !== 'owner') this.#show(running);
    await running.follow(next);
    if (next.role !== 'owner' && role === 'owner') this.#hide(running);
  }

  async #remove(key: string, incidents: 'close' | 'keep'): Promise<void> {
    const { running } = this.#streams.get(key)!;
    await running.stop(incidents);
    this.#streams.delete(key);
    if (running.assignment.role === 'owner') this.#hide(running);
  }

  #show(stream: AssignedStream): void {
    for (const sink of this.#options.sinks) sink.addStream?.(stream);
  }

  #hide({ identity }: AssignedStream): void {
    for (const sink of this.#options.sinks) sink.removeStream?.(identity);
  }
}

function modulesOf({ custom = [] }: MonitorSettings): string[] {
  return custom.map(({ module }) => module);
}

/** Detectors of modules that run on a stream here. */
function customOf({ custom = [] }: MonitorSettings, { detectors }: StreamAssignment) {
  return custom.filter(({ name }) => detectors.includes(name));
}

function identify(
  assignment: Assignment,
  stream: StreamAssignment,
  version: (module: string) => string,
): Identified {
  const monitor = assignment.monitors[stream.monitor]!;
  const { url, urlFrom, headersFrom, keyFrom, reference, rendition, expect } = stream;
  const { audioTrack, audioLanguage } = stream;
  const settings = detectorsOf(monitor, stream);
  const custom = customOf(monitor, stream).map((entry) => ({ ...entry, version: version(entry.module) }));
  const source = { url, urlFrom, headersFrom, keyFrom, reference, rendition, audioTrack, audioLanguage };
  const definition = { ...source, expect, settings, custom };
  return { key: `${stream.monitor}/${stream.name}`, stream, definition };
}

/** Settings of the stream's detectors, with the severities that are the stream's own. */
function detectorsOf(
  { detectors }: MonitorSettings,
  { detectors: types, severities = {} }: StreamAssignment,
): Record<string, DetectorSettings> {
  const own = Object.entries(detectors).filter(([type]) => types.includes(type));
  return Object.fromEntries(
    own.map(([type, settings]) => {
      const severity = severities[type];
      return [type, severity ? { ...settings, severity, severityHolds: true } : settings];
    }),
  );
}
