import type { Logger } from 'pino';
import type { HandOver, MonitorSettings, StreamAssignment } from '../../crds/assignment.ts';
import type { Incident, IncidentAction } from '../../crds/incident.ts';
import type { StreamReport } from '../../crds/shard-report.ts';
import type { ActiveDetector } from '../watch/detector-selection.ts';
import { StreamVoice } from '../watch/stream-voice.ts';
import type { IncidentWatchEvent, StreamIdentity, WatchEvent } from '../watch/watch-event.ts';
import type { ActionTimes, OpenIncidents, StreamMemory } from './open-incidents.ts';
import { type HandOverState, StreamTally } from './stream-tally.ts';
import { StreamWatching, type StreamWatchingOptions } from './stream-watching.ts';

export interface AssignedStreamOptions
  extends Pick<StreamWatchingOptions, 'secrets' | 'allowedRanges' | 'pipeDirectory'> {
  readonly assignment: StreamAssignment;
  readonly settings: MonitorSettings;
  readonly detectors: readonly ActiveDetector[];
  /** Detectors that it is to run and this build does not have. */
  readonly unsupported: readonly string[];
  readonly openIncidents: OpenIncidents;
  /** Receives every event that is to be told, after open incidents have been written to disk. */
  readonly emit: (identity: StreamIdentity, event: WatchEvent) => void;
  readonly logger: Logger;
}

/** While incidents are open, how far they were watched is kept on disk this often, in ms. */
const keepEveryMilliseconds = 5000;

/**
 * One stream of the shard's assignment, in its role: an owner watches and tells, a warming one watches in silence
 * until it is promoted, a demoted one keeps what the next owner takes over.
 */
export class AssignedStream {
  readonly identity: StreamIdentity;
  readonly #options: AssignedStreamOptions;
  /** With the role in force. */
  #assignment: StreamAssignment;
  readonly #tally: StreamTally;
  /** Wall clock of the timeline's zero, in ms since 1970. */
  #origin = 0;
  #watching: StreamWatching | undefined;
  #voice: StreamVoice | undefined;
  /** Names the hand-over that was adopted: it is adopted once, whoever restarts. */
  #adopted: string | undefined;
  #handedOver: HandOverState | undefined;
  /** Revisions in which the open incidents were told, by id. */
  #told = new Map<string, number>();
  #actionTimes: ActionTimes = {};
  #keptAt = 0;

  constructor(options: AssignedStreamOptions) {
    const { settings, assignment } = options;
    this.#options = options;
    this.#assignment = assignment;
    this.#tally = new StreamTally(Date.now());
    this.identity = { namespace: settings.namespace, monitor: settings.name, stream: assignment.name };
  }

  /** Takes the stream on in the role of its assignment. */
  start(): void {
    this.#begin(this.#assignment);
  }

  /** As it is in force. */
  get assignment(): StreamAssignment {
    return this.#assignment;
  }

  get detectors(): readonly ActiveDetector[] {
    return this.#options.detectors;
  }

  get cpuSeconds(): number {
    return this.#tally.cpuSeconds;
  }

  report(): StreamReport {
    const report = this.#tally.report(this.#assignment, this.#handedOver ?? this.#handOverState());
    const { unsupported } = this.#options;
    return {
      ...report,
      ...(unsupported.length > 0 && {
        unknown: { ...report.unknown, ...Object.fromEntries(unsupported.map(notInThisVersion)) },
        failedDetectors: [...(report.failedDetectors ?? []), ...unsupported],
      }),
      ...(Object.keys(this.#actionTimes).length > 0 && { actionTimes: this.#actionTimes }),
    };
  }

  /** When actions were last taken for the stream, by name, ISO 8601. */
  get actionTimes(): ActionTimes {
    return this.#actionTimes;
  }

  /** Whether the defect of an open incident is there now. */
  shows(incident: string): boolean {
    const defect = this.#defectOf(incident);
    return defect !== undefined && defect.ended === undefined;
  }

  /**
   * Keeps an action in its incident, on disk when this returns. One that is begun goes with the next change; what
   * came of it is a change of its own, also where the incident closed meanwhile. `latest`: the incident as it was
   * told last.
   */
  recordAction(latest: Incident, action: IncidentAction): void {
    const incident = withAction(this.#defectOf(latest.id)?.incident ?? latest, action);
    if (action.outcome === 'pending') {
      this.#actionTimes = { ...this.#actionTimes, [action.name]: action.at };
      this.#watching?.watcher.analysis.goOnAs(incident.id, incident);
      this.#keep();
      return;
    }
    // Whoever took the stream over asks again, and hears the answer.
    if (!this.#voice?.speaking) return;
    const told = { ...incident, revision: incident.revision + 1 };
    this.#watching?.watcher.analysis.goOnAs(told.id, told);
    this.#tell([{ type: 'incident', change: 'updated', incident: told }]);
  }

  #defectOf(id: string) {
    return this.#watching?.watcher.analysis.defects.find(({ incident }) => incident.id === id);
  }

  /**
   * Follows an assignment of the same definition: a change of role, or of what has no effect on the watching.
   * Resolves when the role is in force.
   */
  async follow(next: StreamAssignment): Promise<void> {
    const { role } = this.#assignment;
    if (role === 'warming' && next.role === 'owner' && this.#voice) this.#takeOver(next.adopt);
    else if (role !== next.role) {
      await this.#watching?.stop('keep');
      if (next.role === 'demoted') this.#demote();
      else this.#begin(next);
    }
    this.#assignment = next;
  }

  /** `close`: the stream left the shard. `keep`: the process ends, and another goes on with the open incidents. */
  async stop(incidents: 'close' | 'keep'): Promise<void> {
    await this.#watching?.stop(incidents);
    if (incidents === 'close') this.#options.openIncidents.forget(this.identity);
  }

  #begin({ role, adopt, exclusive }: StreamAssignment): void {
    const memory = this.#load();
    this.#handedOver = undefined;
    this.#adopted = memory?.adopted;
    this.#actionTimes = memory?.actionTimes ?? {};
    if (role === 'owner') this.#beginAsOwner(adopt, memory);
    else if (role === 'demoted') this.#goOnDemoted(memory);
    else {
      // What it once told belongs to the owner now.
      this.#options.openIncidents.forget(this.identity);
      this.#adopted = undefined;
      this.#actionTimes = {};
      // A source of one reader is the owner's.
      if (!exclusive) this.#watch(Date.now(), 'silent');
    }
  }

  #beginAsOwner(adopt: HandOver | undefined, memory: StreamMemory | undefined): void {
    const handOver = adopt && nameOf(adopt) !== memory?.adopted ? adopt : this.#ownHandOver(memory);
    if (!handOver) {
      this.#watch(memory?.origin ?? Date.now(), 'speaking');
      return;
    }
    // No incident begins before the timeline does.
    const starts = handOver.incidents.map(({ startTime }) => Date.parse(startTime));
    this.#watch(memory?.origin ?? Math.min(Date.now(), ...starts), 'silent');
    this.#takeOver(handOver);
  }

  /** What this shard itself left when it was demoted: nobody took it over. */
  #ownHandOver(memory: StreamMemory | undefined): HandOver | undefined {
    if (!memory?.demotion) return undefined;
    const { watermarkTime, closed } = memory.demotion;
    return { from: '', watermarkTime, incidents: [...memory.open, ...closed] };
  }

  /** Starts to watch: as one who speaks, and goes on with what an earlier process left, or in silence. */
  #watch(origin: number, voice: 'speaking' | 'silent'): void {
    const now = Date.now();
    const speaker = new StreamVoice(() => watching.watcher.analysis, now);
    if (voice === 'speaking') speaker.speak();
    const watching = new StreamWatching({
      ...this.#options,
      identity: this.identity,
      assignment: this.#assignment,
      origin,
      adopt: () => {
        const left = speaker.speaking ? this.#load() : undefined;
        this.#told = new Map(Object.entries(left?.told ?? {}));
        return left && { incidents: left.open, watchedUntil: left.watchedUntil };
      },
      onRestart: () => speaker.restarted(),
      emit: (event) => this.#receive(event),
    });
    this.#origin = origin;
    this.#tally.begin(now);
    this.#voice = speaker;
    this.#watching = watching;
    watching.start();
  }

  #takeOver(handOver: HandOver | undefined): void {
    const now = Date.now();
    const events = this.#voice!.takeOver(handOver, now);
    if (handOver) {
      const { from, watermarkTime, incidents, actionTimes } = handOver;
      this.#actionTimes = { ...this.#actionTimes, ...actionTimes };
      if (from !== '') this.#adopted = nameOf(handOver);
      const closed = incidents.filter(({ state }) => state === 'closed');
      this.#tally.closed(closed, Date.parse(watermarkTime));
      this.#options.logger.info({ from, watermarkTime, incidents: incidents.length }, 'stream taken over');
    }
    this.#keep();
    this.#tell(events);
  }

  #demote(): void {
    // One that was not the owner leaves nothing to take over.
    this.#handedOver = this.#handOverState();
    this.#keep();
    this.#watching = undefined;
    this.#voice = undefined;
  }

  /** After a restart of the process: what it left, without watching again. */
  #goOnDemoted(memory: StreamMemory | undefined): void {
    const now = Date.now();
    const watchedUntil = memory && memory.open.length > 0 ? memory.origin + memory.watchedUntil * 1000 : now;
    this.#origin = memory?.origin ?? now;
    this.#handedOver = {
      openIncidents: memory?.open ?? [],
      closedIncidents: memory?.demotion?.closed ?? [],
      watermarkTime: memory?.demotion?.watermarkTime ?? new Date(Math.min(now, watchedUntil)).toISOString(),
    };
    this.#keep();
  }

  #handOverState(): HandOverState {
    return this.#tally.handOver(this.#voice?.openIncidents ?? [], Date.now());
  }

  #receive(event: WatchEvent): void {
    this.#tally.observe(event);
    this.#tell(this.#voice?.receive(event, Date.now()) ?? []);
  }

  #tell(events: readonly WatchEvent[]): void {
    for (const event of events) {
      this.#tally.told(event, Date.now());
      if (event.type === 'incident') this.#tellIncident(event);
      else this.#options.emit(this.identity, event);
      if (event.type === 'seconds' && this.#voice!.openIncidents.length > 0) {
        if (Date.now() - this.#keptAt >= keepEveryMilliseconds) this.#keep();
      }
    }
  }

  /**
   * An open incident is on disk before anyone hears of it, and that it was told is there afterwards. A closed one stays
   * there until everyone was told.
   */
  #tellIncident(event: IncidentWatchEvent): void {
    const { change, incident } = event;
    const known = change === 'opened' && this.#told.get(incident.id) === incident.revision;
    if (change !== 'closed') this.#keep();
    this.#options.emit(this.identity, known ? { ...event, retold: true } : event);
    if (change === 'closed') this.#told.delete(incident.id);
    else this.#told.set(incident.id, incident.revision);
    if (!known) this.#keep();
  }

  #load(): StreamMemory | undefined {
    return this.#options.openIncidents.load(this.identity);
  }

  #keep(): void {
    this.#keptAt = Date.now();
    const memory: StreamMemory = {
      origin: this.#origin,
      open: this.#handedOver?.openIncidents ?? this.#voice!.openIncidents,
      watchedUntil: this.#watching?.watcher.time ?? (Date.now() - this.#origin) / 1000,
      ...(this.#told.size > 0 && { told: Object.fromEntries(this.#told) }),
      ...(this.#adopted !== undefined && { adopted: this.#adopted }),
      actionTimes: this.#actionTimes,
      ...(this.#handedOver && {
        demotion: {
          watermarkTime: this.#handedOver.watermarkTime,
          closed: this.#handedOver.closedIncidents,
        },
      }),
    };
    try {
      this.#options.openIncidents.save(this.identity, memory);
    } catch (error) {
      // A full disk must not keep the incident from being told.
      this.#options.logger.error({ err: error }, 'open incidents could not be kept on disk');
    }
  }
}

function notInThisVersion(type: string): [string, string] {
  return [type, `${type} is not in the version of StreamMonitor that this pod runs`];
}

/** The incident with the action as it is now. */
function withAction(incident: Incident, action: IncidentAction): Incident {
  const others = incident.actions?.filter(({ name }) => name !== action.name) ?? [];
  return { ...incident, actions: [...others, action] };
}

function nameOf({ from, watermarkTime }: HandOver): string {
  return `${from} ${watermarkTime}`;
}
