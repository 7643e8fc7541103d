import { z } from 'zod';
import { type AlertmanagerTarget, alertmanagerTargetSchema } from '../../crds/assignment.ts';
import type { Severity } from '../../crds/detector-manifest.ts';
import { severities } from '../../crds/detector-manifest.ts';
import { type Incident, incidentSchema } from '../../crds/incident.ts';
import { outcomeOf, type Verdict } from '../spool/delivery.ts';
import { Dispatcher } from '../spool/dispatcher.ts';
import type { SpoolItem } from '../spool/spool.ts';
import type { IncidentWatchEvent, StreamIdentity, WatchEvent } from '../watch/watch-event.ts';
import { type Alert, alertOf } from './alert.ts';
import { HttpSender } from './http-sender.ts';
import { isFor } from './incident-filter.ts';
import {
  addressFields,
  type Notified,
  Receivers,
  receiverGone,
  routeOf,
  type TellingOptions,
} from './receivers.ts';
import { verdictOfAnswer } from './response-policy.ts';

const sink = 'alerts';
/**
 * An open alert is told again this often, and resolves by itself when it was not told for four times as long: as
 * Prometheus does it (rules.alert.resend-delay, and `sendAlerts` in cmd/prometheus).
 */
const repeatMilliseconds = 60_000;
const validMilliseconds = 4 * repeatMilliseconds;

const metaSchema = z.object({
  ...addressFields,
  /** Used where the StreamMonitor has left this shard; names secrets, holds none. */
  target: alertmanagerTargetSchema.loose(),
  state: z.enum(['firing', 'resolved']),
});
type Meta = z.infer<typeof metaSchema>;

/** What an alert rests on: rendered when it is sent, since it is valid for so long from then. */
const bodySchema = z.object({ incident: incidentSchema, severities: z.array(z.enum(severities)) });

interface OpenIncident {
  readonly identity: StreamIdentity;
  readonly incident: Incident;
}

/** An alert that is open at one Alertmanager. */
interface OpenAlert {
  readonly identity: StreamIdentity;
  readonly index: number;
  incident: Incident;
  /** Each is an alert of its own; all but the last are over. */
  readonly severities: Set<Severity>;
  /** Wall clock in ms. */
  toldAt: number;
}

/**
 * Keeps one alert for each open incident at the Alertmanagers that are to be told: fired at once, repeated while it
 * is open, resolved when it closes. What waits for an Alertmanager that is down is told as it is when it comes back:
 * an incident that is over by then does not fire.
 */
export class Alerts {
  readonly #options: TellingOptions;
  readonly #receivers = new Receivers();
  readonly #sender: HttpSender;
  readonly #dispatcher: Dispatcher;
  /** Open incidents of the streams that this shard speaks for, whoever is told of them, by id. */
  readonly #incidents = new Map<string, OpenIncident>();
  readonly #open = new Map<string, OpenAlert>();
  /** Items that say nothing any more, since their incident closed or went to another shard. */
  readonly #overtaken = new WeakSet<SpoolItem>();
  #region: string | undefined;
  #started = false;

  constructor(options: TellingOptions) {
    const { spool, secrets, logger, retry, attemptSeconds } = options;
    this.#options = options;
    this.#sender = new HttpSender(secrets);
    this.#dispatcher = new Dispatcher({
      spool,
      sink,
      logger,
      ...(retry && { retry }),
      ...(attemptSeconds !== undefined && { attemptSeconds }),
      route: ({ meta }) => routeOf(meta as Meta),
      send: (item, body, signal) => this.#send(item, body, signal),
      onResult: (item, result) => this.#report(item, result),
    });
  }

  /**
   * Who is to be told, by `namespace/name` of the StreamMonitor: of what is open now too. The first call also resumes
   * what was left.
   */
  configure(monitors: Notified, region?: string): void {
    this.#receivers.configure(monitors);
    this.#region = region;
    this.#retell();
    if (this.#started) return;
    this.#started = true;
    this.#dispatcher.resume((meta) => metaSchema.safeParse(meta).success);
  }

  /** Takes incidents, those of the shard before included, and the seconds by which open ones are told again. */
  handle(identity: StreamIdentity, event: WatchEvent): void {
    if (event.type === 'incident') this.#change(identity, event);
    if (event.type === 'seconds') this.#repeat(identity, Date.now());
  }

  /** This shard does not speak for the stream any more: whoever does repeats its alerts. */
  removeStream(identity: StreamIdentity): void {
    for (const [id, open] of this.#incidents) if (isOf(open, identity)) this.#incidents.delete(id);
    for (const [name, alert] of this.#open) if (isOf(alert, identity)) this.#open.delete(name);
  }

  drain(seconds: number): Promise<boolean> {
    return this.#dispatcher.drain(seconds);
  }

  async close(): Promise<void> {
    await this.#dispatcher.close();
    await this.#sender.close();
  }

  #change(identity: StreamIdentity, { change, incident }: IncidentWatchEvent): void {
    const since = change === 'opened' ? Date.parse(incident.openedAt) : Date.now();
    if (incident.state === 'open') {
      const open = { identity, incident };
      this.#incidents.set(incident.id, open);
      this.#fire(open, since);
      return;
    }
    this.#incidents.delete(incident.id);
    for (const [index, { match }] of this.#receivers.of(identity).entries()) {
      const told = this.#open.get(nameOf({ ...identity, index, incident: incident.id }));
      // Whoever was told is told of the end, whatever the filter is now.
      if (!told && !isFor(match, incident)) continue;
      const severities = told?.severities ?? new Set();
      this.#resolve({ identity, index, incident, severities, toldAt: since }, since);
    }
  }

  /** Fires at those that are to be told of an open incident. */
  #fire(
    { identity, incident }: OpenIncident,
    since: number,
    { unlessFired = false }: { readonly unlessFired?: boolean } = {},
  ): void {
    for (const [index, { match, alertmanager }] of this.#receivers.of(identity).entries()) {
      if (!alertmanager || !isFor(match, incident)) continue;
      const name = nameOf({ ...identity, index, incident: incident.id });
      const fired = this.#open.get(name);
      if (fired && unlessFired) continue;
      const severities = new Set(fired?.severities).add(incident.severity);
      const alert: OpenAlert = { identity, index, incident, severities, toldAt: Date.now() };
      this.#open.set(name, alert);
      this.#spool(alert, 'firing', alertmanager, since);
    }
  }

  #resolve(alert: OpenAlert, since: number): void {
    const { identity, index, incident } = alert;
    this.#open.delete(nameOf({ ...identity, index, incident: incident.id }));
    const target = this.#receivers.of(identity)[index]?.alertmanager;
    // An Alertmanager that is named no more lets the alert expire.
    if (!target) return;
    const severities = new Set(alert.severities).add(incident.severity);
    this.#spool({ ...alert, severities }, 'resolved', target, since);
  }

  /** The receivers are others now: some are to be told no more of what is open, and some were not told before. */
  #retell(): void {
    const now = Date.now();
    for (const alert of this.#open.values()) {
      const receiver = this.#receivers.of(alert.identity)[alert.index];
      if (!receiver?.alertmanager || !isFor(receiver.match, alert.incident)) this.#resolve(alert, now);
    }
    for (const open of this.#incidents.values()) this.#fire(open, now, { unlessFired: true });
  }

  #repeat(identity: StreamIdentity, now: number): void {
    for (const alert of this.#open.values()) {
      if (!isOf(alert, identity) || now - alert.toldAt < repeatMilliseconds) continue;
      alert.toldAt = now;
      const target = this.#receivers.of(identity)[alert.index]?.alertmanager;
      if (target) this.#spool(alert, 'firing', target, now);
    }
  }

  /** One that waits already is told as it is when its turn comes, so nothing piles up. */
  #spool(alert: OpenAlert, state: Meta['state'], target: AlertmanagerTarget, since: number): void {
    const { identity, index, incident, severities } = alert;
    const { namespace, monitor } = identity;
    const meta: Meta = { namespace, monitor, index, target, incident: incident.id, state, since };
    const item = this.#options.spool.add({
      sink,
      key: `${nameOf(meta)}/${incident.revision}`,
      importance: 'incident',
      meta,
      body: Buffer.from(JSON.stringify({ incident, severities: [...severities] })),
    });
    if (item) this.#dispatcher.enqueue(item);
  }

  async #send(item: SpoolItem, body: Buffer, signal: AbortSignal): Promise<Verdict> {
    const meta = item.meta as Meta;
    const target = this.#receivers.targetOf('alertmanager', meta);
    if (!target) return receiverGone;
    const alerts = this.#alerts(meta, body, target);
    if (!alerts) {
      this.#overtaken.add(item);
      return { result: 'delivered' };
    }
    const answer = await this.#sender.post(
      target,
      {
        path: '/api/v2/alerts',
        headers: () => ({ 'content-type': 'application/json' }),
        body: JSON.stringify(alerts),
      },
      signal,
    );
    if ('result' in answer) return answer;
    // An error message would quote the alert; it is discarded unread, up to a limit.
    answer.body.dump({ limit: 65_536, signal }).catch(() => {});
    const verdict = verdictOfAnswer(answer);
    if (verdict.result === 'delivered') this.#told(meta, alerts);
    return verdict;
  }

  /** Severities that an incident had before are over for good. */
  #told(meta: Meta, alerts: readonly Alert[]): void {
    const open = this.#open.get(nameOf(meta));
    for (const severity of open?.severities ?? []) {
      const isTold = alerts.some(({ labels }) => labels.severity === severity);
      if (isTold && severity !== open!.incident.severity) open!.severities.delete(severity);
    }
  }

  /** What there is to say now; nothing of an incident that fired once and is not open here any more. */
  #alerts(meta: Meta, body: Buffer, { pageUrl }: AlertmanagerTarget): Alert[] | undefined {
    const open = this.#open.get(nameOf(meta));
    if (meta.state === 'firing' && !open) return undefined;
    const told = bodySchema.parse(JSON.parse(body.toString()));
    const { incident, severities } = meta.state === 'firing' ? open! : told;
    const now = Date.now();
    const over = incident.endTime ?? new Date(now).toISOString();
    const valid = new Date(now + validMilliseconds).toISOString();
    return [...severities].map((severity) =>
      alertOf(incident, {
        severity,
        endsAt: meta.state === 'firing' && severity === incident.severity ? valid : over,
        ...(this.#region !== undefined && { region: this.#region }),
        ...(pageUrl !== undefined && { pageUrl }),
      }),
    );
  }

  #report(item: SpoolItem, result: Verdict['result'] | 'dropped'): void {
    if (this.#overtaken.has(item)) return;
    const { namespace, monitor, since } = item.meta as Meta;
    const became = outcomeOf(result, since, Date.now());
    this.#options.onOutcome({ sink: 'alertmanager', namespace, monitor, ...became });
  }
}

function nameOf(meta: Pick<Meta, 'namespace' | 'monitor' | 'index' | 'incident'>): string {
  return routeOf(meta).lane;
}

function isOf(
  { identity }: Pick<OpenAlert, 'identity'>,
  { namespace, monitor, stream }: StreamIdentity,
): boolean {
  return identity.namespace === namespace && identity.monitor === monitor && identity.stream === stream;
}
