import type { HandOver } from '../../crds/assignment.ts';
import type { Incident } from '../../crds/incident.ts';
import {
  continuedAs,
  endedAs,
  type OwnIncident,
  planTakeOver,
  readerSlack,
  type SeenByBoth,
} from '../incidents/hand-over.ts';
import type { IncidentChange } from '../incidents/incident-changes.ts';
import type { Adoption } from '../incidents/incident-tracker.ts';
import { ToldBefore } from '../incidents/told-before.ts';
import { HeldEvents, type HeldIncident } from './held-events.ts';
import { blindSeconds, secondsSince } from './seconds-since.ts';
import type { IncidentWatchEvent, WatchEvent, WatchedSeconds } from './watch-event.ts';

/** The incidents of a stream as its analysis judges them. Wall clocks in ms since 1970. */
export interface JudgedIncidents {
  readonly defects: readonly OwnIncident[];
  /** Wall clock up to which media was judged. */
  readonly position: number;
  /** Media seconds that were live at a wall clock. */
  timeOf(wall: number): number;
  takeOver(incidents: readonly Incident[], adoption: Adoption): readonly IncidentChange[];
  goOnAs(id: string, incident: Incident): void;
}

/**
 * After a longer absence of any watcher, in ms, an incident that does not show itself again ended unseen: nobody
 * can say that it recovered when the watching stopped. One that does show itself is still the viewer's same defect.
 */
const longestAbsence = 10 * 60_000;

/**
 * Decides which events of a stream's watcher are told: all of an owner's; none of a shard that warms up, until it
 * takes over what the owner before it left. Returns what is to be told and tells nothing itself.
 */
export class StreamVoice {
  readonly #judged: () => JudgedIncidents;
  readonly #held: HeldEvents;
  #speaking = false;
  #toldBefore = new ToldBefore();
  /** Wall clock up to which the owner before accounted for the period that a take-over falls into. */
  #accountedUntil = Number.NEGATIVE_INFINITY;

  /** `since`: wall clock of the beginning of the watching, in ms since 1970. `judged`: its analysis of the moment. */
  constructor(judged: () => JudgedIncidents, since: number) {
    this.#judged = judged;
    this.#held = new HeldEvents(since);
  }

  /** Open incidents that everybody was told of. */
  get openIncidents(): readonly Incident[] {
    if (!this.#speaking) return [];
    const { muted } = this.#toldBefore;
    return this.#judged().defects.flatMap(({ incident }) => (muted.has(incident.id) ? [] : [incident]));
  }

  get speaking(): boolean {
    return this.#speaking;
  }

  /** Nobody watched before: everything is told from now on. */
  speak(): void {
    this.#speaking = true;
  }

  /** What an event gives to tell. `now`: wall clock in ms since 1970. */
  receive(event: WatchEvent, now: number): readonly WatchEvent[] {
    if (!this.#speaking) {
      this.#held.add(event);
      return [];
    }
    if (event.type === 'incident') return this.#incident(event, now);
    if (event.type === 'seconds') return [...this.#lasting(now), ...this.#unaccounted(event.seconds)];
    return [event];
  }

  /** The watching failed and begins anew: the new analysis knows nothing of what was not told. */
  restarted(): void {
    this.#held.forgetOpen();
    this.#toldBefore.clear();
  }

  /**
   * Speaks from now on, beginning with what is due since the watermark of the owner before. Without a hand-over
   * nobody is known to have told anything, and everything that was held is told. The told incidents are in force
   * when this returns: whoever keeps them on disk does so before anyone hears of them.
   */
  takeOver(handOver: HandOver | undefined, now: number): readonly WatchEvent[] {
    this.#speaking = true;
    const told: WatchEvent[] = [...this.#held.circumstances];
    const watermark = handOver ? Date.parse(handOver.watermarkTime) : Number.NEGATIVE_INFINITY;
    if (handOver) told.push(...secondsEvents(blindSeconds(watermark, this.#held.since, 'Connecting')));
    told.push(...this.#takeOverIncidents(handOver?.incidents ?? [], watermark, now));
    told.push(
      ...secondsEvents(this.#held.seconds.flatMap((seconds) => secondsSince(seconds, watermark) ?? [])),
    );
    const muted = new Map([...this.#toldBefore.muted.keys()].map((id) => [id, this.#held.take(id)]));
    this.#held.clear();
    this.#accountedUntil = watermark;
    for (const [, held] of muted) if (held) this.#held.add(changeOf('opened', held));
    return told;
  }

  #takeOverIncidents(incidents: readonly Incident[], watermark: number, now: number): WatchEvent[] {
    const judged = this.#judged();
    const plan = planTakeOver({
      told: incidents,
      own: [...judged.defects, ...closedOnes(this.#held.incidents.values())],
      watermark,
      position: judged.position,
      watchedFrom: this.#held.since,
    });
    this.#toldBefore = new ToldBefore(plan);
    const startOf = ({ startTime }: Incident) => judged.timeOf(Date.parse(startTime));
    const adopted = judged.takeOver(
      plan.adopted.map((told) => ({ ...told, start: startOf(told) })),
      {
        endedAt: judged.timeOf(watermark),
        patience: readerSlack / 1000,
        closeReason: this.#held.since - watermark > longestAbsence ? 'watch-stopped' : 'recovered',
      },
    );
    return [
      ...plan.continued.flatMap((both) => this.#goOn(both, startOf(both.told))),
      ...plan.ended.map((both) => changeOf('closed', { incident: endedAs(both, startOf(both.told)) })),
      ...adopted.map(
        ({ change, incident }): IncidentWatchEvent => ({
          type: 'incident',
          change,
          incident,
          ...(change === 'opened' && { handedOver: true }),
        }),
      ),
      ...plan.released.flatMap((own) => this.#release(own, now)),
    ];
  }

  /** A picture of this shard's own stands in for the one that lies with the shard before. */
  #goOn(both: SeenByBoth, start: number): IncidentWatchEvent[] {
    const { told, own } = both;
    const incident = continuedAs(both, start);
    this.#judged().goOnAs(own.id, incident);
    const evidence = this.#held.take(own.id)?.evidence;
    const shown = { ...incident, revision: told.revision, severity: told.severity };
    return [
      { ...changeOf('opened', { incident: shown, ...(evidence && { evidence }) }), handedOver: true },
      ...(incident.revision > told.revision ? [changeOf('updated', { incident })] : []),
    ];
  }

  #incident(event: IncidentWatchEvent, now: number): readonly WatchEvent[] {
    const { change, incident } = event;
    if (change === 'opened') this.#toldBefore.opens(incident, this.#judged().position);
    const until = this.#toldBefore.muted.get(incident.id);
    if (until === undefined) return [event];
    this.#held.add(event);
    if (change !== 'closed') return [];
    if (Date.parse(incident.endTime!) > until) return this.#release(incident, now);
    this.#held.take(incident.id);
    this.#toldBefore.delete(incident.id);
    return [];
  }

  /** The period in which the shard was promoted began before that: its first part was told by the owner before. */
  #unaccounted(seconds: WatchedSeconds): WatchEvent[] {
    const own = secondsSince(seconds, this.#accountedUntil);
    this.#accountedUntil = Number.NEGATIVE_INFINITY;
    return secondsEvents(own ? [own] : []);
  }

  /** Muted incidents whose defects are there for longer than what was told before explains. */
  #lasting(now: number): WatchEvent[] {
    const { muted } = this.#toldBefore;
    if (muted.size === 0) return [];
    const { defects, position } = this.#judged();
    return defects
      .filter(({ incident, ended }) => ended === undefined && position > (muted.get(incident.id) ?? position))
      .flatMap(({ incident }) => this.#release(incident, now));
  }

  /** Tells of an incident that was held. It is opened now for whoever hears of it: delays are never hidden. */
  #release(latest: Incident, now: number): IncidentWatchEvent[] {
    const held = this.#held.take(latest.id);
    this.#toldBefore.delete(latest.id);
    const incident = { ...latest, openedAt: new Date(now).toISOString() };
    const evidence = held?.evidence && { evidence: held.evidence };
    if (incident.state === 'open') {
      this.#judged().goOnAs(latest.id, incident);
      return [changeOf('opened', { incident, ...evidence })];
    }
    const { end: _end, endTime: _endTime, closeReason: _closeReason, ...open } = incident;
    const opened: Incident = { ...open, state: 'open', revision: incident.revision - 1 };
    return [changeOf('opened', { incident: opened, ...evidence }), changeOf('closed', { incident })];
  }
}

function changeOf(change: IncidentWatchEvent['change'], held: HeldIncident): IncidentWatchEvent {
  return { type: 'incident', change, ...held };
}

function closedOnes(held: Iterable<HeldIncident>): OwnIncident[] {
  return [...held].flatMap(({ incident }) =>
    incident.endTime === undefined ? [] : [{ incident, ended: Date.parse(incident.endTime) }],
  );
}

function secondsEvents(periods: readonly WatchedSeconds[]): WatchEvent[] {
  return periods.map((seconds) => ({ type: 'seconds', seconds }));
}
