import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type WebhookTarget, webhookTargetSchema } from '../../crds/assignment.ts';
import type { IncidentEvent } from '../../crds/incident-event.ts';
import { outcomeOf, type Verdict } from '../spool/delivery.ts';
import { Dispatcher } from '../spool/dispatcher.ts';
import type { SpoolItem } from '../spool/spool.ts';
import type { IncidentWatchEvent, StreamIdentity, WatchEvent } from '../watch/watch-event.ts';
import { incidentEvent, withPicture } from './incident-event.ts';
import { isFor } from './incident-filter.ts';
import {
  addressFields,
  type Notified,
  Receivers,
  receiverGone,
  routeOf,
  type TellingOptions,
} from './receivers.ts';
import { WebhookClient } from './webhook.ts';

const sink = 'notifications';
/** Longest that a picture may hold up its notification, in seconds. */
const pictureSeconds = 2;

const metaSchema = z.object({
  ...addressFields,
  /** Used where the StreamMonitor has left this shard; names secrets, holds none. */
  target: webhookTargetSchema.loose(),
  event: z.string(),
});
type Meta = z.infer<typeof metaSchema>;

/**
 * Tells webhooks of incidents: at least once each and under one id, in order per incident, through restarts of
 * the process. What a receiver refuses for good is set aside in the spool and named in the log.
 */
export class Notifier {
  readonly #options: TellingOptions;
  readonly #receivers = new Receivers();
  readonly #client: WebhookClient;
  readonly #dispatcher: Dispatcher;
  /** Changes that wait for their picture, by incident. */
  readonly #waiting = new Map<string, Promise<void>>();
  #region: string | undefined;
  #started = false;

  constructor(options: TellingOptions) {
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
  configure(monitors: Notified, region?: string): void {
    this.#receivers.configure(monitors);
    this.#region = region;
    if (this.#started) return;
    this.#started = true;
    this.#dispatcher.resume((meta) => metaSchema.safeParse(meta).success);
  }

  /**
   * Sees to it that a change is told; it is on disk when this returns. `picture` is waited for a little and left
   * out when it comes too late or not at all. Events of other types are of no concern here.
   */
  handle(identity: StreamIdentity, event: WatchEvent, picture?: Promise<Buffer | undefined>): void {
    if (event.type !== 'incident') return;
    const targets = this.#receivers.of(identity);
    if (!targets.some(({ webhook }) => webhook)) return;
    const document = incidentEvent(event, new Date().toISOString(), this.#region);
    const items = targets.flatMap(({ match, webhook }, index) =>
      webhook && isFor(match, event.incident) ? this.#spool(identity, event, document, webhook, index) : [],
    );
    this.#release(event.incident.id, items, document, picture);
  }

  /** Waits until everything is delivered or refused; false when that takes longer. */
  async drain(seconds: number): Promise<boolean> {
    await Promise.all(this.#waiting.values());
    return this.#dispatcher.drain(seconds);
  }

  /** Stops sending; what is not acknowledged is resumed by the next process. */
  async close(): Promise<void> {
    await Promise.all(this.#waiting.values());
    await this.#dispatcher.close();
    await this.#client.close();
  }

  #spool(
    { namespace, monitor }: StreamIdentity,
    { change, incident }: IncidentWatchEvent,
    document: IncidentEvent,
    target: WebhookTarget,
    index: number,
  ): SpoolItem[] {
    const since = Date.parse(document.time);
    const meta: Meta = {
      namespace,
      monitor,
      index,
      target,
      incident: incident.id,
      event: document.id,
      since,
    };
    const item = this.#options.spool.add({
      sink,
      key: `${namespace}/${monitor}#${index}/${document.id}`,
      importance: change === 'updated' ? 'update' : 'incident',
      meta,
      body: Buffer.from(JSON.stringify(document)),
    });
    return item ? [item] : [];
  }

  /** Sends once the picture is there, after the incident's earlier changes. */
  #release(
    incident: string,
    items: readonly SpoolItem[],
    document: IncidentEvent,
    picture: Promise<Buffer | undefined> | undefined,
  ): void {
    const earlier = this.#waiting.get(incident);
    if (!earlier && !picture) {
      for (const item of items) this.#dispatcher.enqueue(item);
      return;
    }
    const release = Promise.all([inTime(picture), earlier])
      .then(([jpeg]) => {
        const body = jpeg && Buffer.from(JSON.stringify(withPicture(document, jpeg)));
        for (const item of items) {
          this.#dispatcher.enqueue((body && this.#options.spool.amend(item, body)) ?? item);
        }
      })
      .finally(() => {
        if (this.#waiting.get(incident) === release) this.#waiting.delete(incident);
      });
    this.#waiting.set(incident, release);
  }

  async #send(meta: Meta, body: Buffer, signal: AbortSignal): Promise<Verdict> {
    const target = this.#receivers.targetOf('webhook', meta);
    if (!target) return receiverGone;
    return this.#client.send(target, meta.event, body.toString(), signal);
  }

  #report({ namespace, monitor, since }: Meta, result: Verdict['result'] | 'dropped'): void {
    const became = outcomeOf(result, since, Date.now());
    this.#options.onOutcome({ sink: 'webhook', namespace, monitor, ...became });
  }
}

async function inTime(picture: Promise<Buffer | undefined> | undefined): Promise<Buffer | undefined> {
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
