import type { Logger } from 'pino';
import { z } from 'zod';
import type { MonitorSettings } from '../../crds/assignment.ts';
import type { MountedSecrets } from '../secrets/mounted-secrets.ts';
import type { OnOutcome, Verdict } from '../spool/delivery.ts';
import type { Route } from '../spool/lanes.ts';
import type { RetryPolicy } from '../spool/retry-delay.ts';
import type { Spool } from '../spool/spool.ts';
import type { StreamIdentity } from '../watch/watch-event.ts';

type Notification = MonitorSettings['notifications'][number];
type Kind = 'webhook' | 'alertmanager';
type Target<K extends Kind> = NonNullable<Notification[K]>;

/** Who StreamMonitors want told, by `namespace/name`. */
export type Notified = Readonly<Record<string, Pick<MonitorSettings, 'notifications'>>>;

/** What it takes to tell receivers of one kind. */
export interface TellingOptions {
  readonly spool: Spool;
  readonly secrets: MountedSecrets;
  readonly logger: Logger;
  readonly onOutcome: OnOutcome;
  readonly retry?: RetryPolicy;
  readonly attemptSeconds?: number;
}

/** Of what a spooled item tells whom. */
export const addressFields = {
  namespace: z.string(),
  monitor: z.string(),
  /** Place among the StreamMonitor's notifications: with a corrected URL, what waits goes to the new one. */
  index: z.number(),
  incident: z.string(),
  /** Wall clock of what is told of, in ms. */
  since: z.number(),
};
type Address = z.infer<z.ZodObject<typeof addressFields>>;

/** What becomes of an item whose receiver is named no more. */
export const receiverGone: Verdict = {
  result: 'refused',
  reason: 'the target was removed from the StreamMonitor',
};

/** The receivers that StreamMonitors name now. */
export class Receivers {
  #monitors: Notified = {};

  configure(monitors: Notified): void {
    // The last incidents of a StreamMonitor that is leaving are still to come.
    this.#monitors = { ...this.#monitors, ...monitors };
  }

  /** Those of a StreamMonitor, each at its index. */
  of({ namespace, monitor }: Pick<StreamIdentity, 'namespace' | 'monitor'>): readonly Notification[] {
    return this.#monitors[`${namespace}/${monitor}`]?.notifications ?? [];
  }

  /**
   * Where an item goes: to the receiver as it is named now; to `target`, which was kept with the item, where the
   * StreamMonitor has left this shard; nowhere once the StreamMonitor names no such receiver.
   */
  targetOf<K extends Kind>(
    kind: K,
    { namespace, monitor, index, target }: Address & { readonly target: Target<K> },
  ): Target<K> | undefined {
    const configured = this.#monitors[`${namespace}/${monitor}`];
    return configured ? configured.notifications[index]?.[kind] : target;
  }
}

/** Changes of one incident are told to a receiver in their order. */
export function routeOf({
  namespace,
  monitor,
  index,
  incident,
}: Pick<Address, 'namespace' | 'monitor' | 'index' | 'incident'>): Route {
  const destination = `${namespace}/${monitor}#${index}`;
  return { lane: `${destination}/${incident}`, destination };
}
