import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { MonitorSettings, WebhookTarget } from '../../crds/assignment.ts';
import type { MountedSecrets } from '../secrets/mounted-secrets.ts';
import type { DeliveryOutcome, OnOutcome, Verdict } from '../spool/delivery.ts';
import { Dispatcher } from '../spool/dispatcher.ts';
import type { RetryPolicy } from '../spool/retry-delay.ts';
import type { Spool, SpoolItem } from '../spool/spool.ts';
import type { StreamIdentity, WatchEvent } from '../watch/watch-event.ts';
import { type IncidentWatchEvent, incidentEvent, incidentEventId } from './incident-event.ts';
import { WebhookClient } from './webhook.ts';

const sink = 'notifications';
/** Longest that a picture may hold up its notification, in seconds. */
const pictureSeconds = 2;

const secretKey = z.object({ name: z.string(), key: z.string() });
const metaSchema = z.object({
  namespace: z.string(),
  monitor: z.string(),
  /** Place among the StreamMonitor's notifications: with a corrected URL, what waits goes to the new one. */
  index: z.number(),
  /** Used where the StreamMonitor has left this shard; names secrets, holds none. */
  target: z.object({
    url: z.string().optional(),
    urlFrom: secretKey.optional(),
    secretFrom: secretKey.optional(),
    headersFrom: secretKey.optional(),
  }),
  incident: z.string(),
  event: z.string(),
  /** Wall clock of what is told of, in ms. */
  since: z.number(),
});
type Meta = z.infer<typeof metaSchema>;

export interface NotifierOptions {
  readonly spool: Spool;
  readonly secrets: MountedSecrets;
  readonly logger: Logger;
  readonly region?: string;
  readonly onOutcome: OnOutcome;
  readonly retry?: RetryPolicy;
  readonly attemptSeconds?: number;
}

/**
 * Tells webhooks of incidents: at least once each and under one id, in order per incident, through restarts of
 * the process. What a receiver refuses for good is set aside in the spool and named in the log.
 */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #client: WebhookClient;
  readonly #dispatcher: Dispatcher;
  #monitors: Readonly<Record<string, Pick<MonitorSettings, 'notifications'>>> = {};
  /** The last acceptance of each incident that is not spooled yet: the next one waits for it. */
  readonly #accepting = new Map<string, Promise<void>>();
  #started = false;

  constructor(options: NotifierOptions) {
    const { spool, secrets, logger, retry, attemptSeconds } = options;
    this.#options = options;
    this.#client = new WebhookClient(secrets);
    this.#dispatcher = new Dispatcher({
      spool,
      sink,
      logger,
      ...(retry && { retry }),
      ...(attemptSeconds !== undefined && { attemptSeconds }),
      route: (item) => routeOf(item.meta as Meta),
      send: (item, body, signal) => this.#send(item.meta as Meta, body, signal),
      onResult: (item, result) => this.#report(item.meta as Meta, result),
    });
  }

  /**
   * Who is to be told, by `namespace/name` of the StreamMonitor. The first call also resumes what an earlier
   * process left; what waits for a target that its StreamMonitor no longer has is set aside.
   */
  configure(monitors: Readonly<Record<string, Pick<MonitorSettings, 'notifications'>>>): void {
    this.#monitors = monitors;
    if (this.#started) return;
    this.#started = true;
    for (const item of this.#options.spool.pending(sink)) this.#resume(item);
  }

  /**
   * Resolves when the change is on its way and would survive the death of the process; never rejects. `picture`
   * is waited for a little and left out when it comes too late. Events of other types are of no concern here.
   */
  accept(identity: StreamIdentity, event: WatchEvent, picture?: Promise<Buffer | undefined>): Promise<void> {
    if (event.type !== 'incident') return Promise.resolve();
    const targets = this.#monitors[`${identity.namespace}/${identity.monitor}`]?.notifications ?? [];
    if (targets.length === 0) return Promise.resolve();
    const { id } = event.incident;
    const now = new Date();
    const acceptance = Promise.all([this.#accepting.get(id), settledInTime(picture)])
      .then(([, jpeg]) => this.#spool(identity, event, targets, now, jpeg))
      .finally(() => {
        if (this.#accepting.get(id) === acceptance) this.#accepting.delete(id);
      });
    this.#accepting.set(id, acceptance);
    return acceptance;
  }

  /** Waits until everything is delivered or refused; false when that takes longer. */
  async drain(seconds: number): Promise<boolean> {
    await Promise.all(this.#accepting.values());
    return this.#dispatcher.drain(seconds);
  }

  /** Stops sending; what is not acknowledged is resumed by the next process. */
  async close(): Promise<void> {
    await Promise.all(this.#accepting.values());
    await this.#dispatcher.close();
    await this.#client.close();
  }

  async #spool(
    { namespace, monitor }: StreamIdentity,
    event: IncidentWatchEvent,
    targets: MonitorSettings['notifications'],
    now: Date,
    picture: Buffer | undefined,
  ): Promise<void> {
    const { region, spool } = this.#options;
    const details = {
      now: now.toISOString(),
      ...(region !== undefined && { region }),
      ...(picture && { picture }),
    };
    const document = incidentEvent(event, details);
    const body = Buffer.from(JSON.stringify(document));
    for (const [index, { webhook: target }] of targets.entries()) {
      const since = Date.parse(document.time);
      const incident = event.incident.id;
      const meta: Meta = { namespace, monitor, index, target, incident, event: document.id, since };
      const item = await spool.add({
        sink,
        key: `${namespace}/${monitor}#${index}/${incidentEventId(event)}`,
        importance: event.change === 'updated' ? 'update' : 'incident',
        meta,
        body,
      });
      if (item) this.#dispatcher.enqueue(item);
    }
  }

  #resume(item: SpoolItem): void {
    if (metaSchema.safeParse(item.meta).success) {
      this.#dispatcher.enqueue(item);
      return;
    }
    this.#options.logger.error({ key: item.key }, 'spooled notification is of an unknown form; set aside');
    void this.#options.spool.setAside(item);
  }

  async #send(meta: Meta, body: Buffer, signal: AbortSignal): Promise<Verdict> {
    const target = this.#targetOf(meta);
    if (!target) return { result: 'refused', reason: 'the target was removed from the StreamMonitor' };
    return this.#client.send(target, meta.event, body.toString(), signal);
  }

  #targetOf({ namespace, monitor, index, target }: Meta): WebhookTarget | undefined {
    const configured = this.#monitors[`${namespace}/${monitor}`];
    return configured ? configured.notifications[index]?.webhook : target;
  }

  #report({ namespace, monitor, since }: Meta, result: Verdict['result'] | 'dropped'): void {
    const outcomes = {
      delivered: 'delivered',
      retry: 'retried',
      refused: 'failed',
      dropped: 'dropped',
    } as const;
    const latency = result === 'delivered' && { latencySeconds: Math.max(0, (Date.now() - since) / 1000) };
    const outcome: DeliveryOutcome = {
      sink: 'webhook',
      outcome: outcomes[result],
      namespace,
      monitor,
      ...latency,
    };
    this.#options.onOutcome(outcome);
  }
}

function routeOf({ namespace, monitor, index, incident }: Meta): { lane: string; destination: string } {
  const destination = `${namespace}/${monitor}#${index}`;
  return { lane: `${destination}/${incident}`, destination };
}

async function settledInTime(picture: Promise<Buffer | undefined> | undefined): Promise<Buffer | undefined> {
  if (!picture) return undefined;
  const timeout = new AbortController();
  const late = sleep(pictureSeconds * 1000, undefined, { signal: timeout.signal });
  try {
    return await Promise.race([picture, late]);
  } catch {
    return undefined;
  } finally {
    timeout.abort();
    late.catch(() => {});
  }
}
