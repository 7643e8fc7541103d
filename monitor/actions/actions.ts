import type { Logger } from 'pino';
import type { ActionSettings, MonitorSettings } from '../../crds/assignment.ts';
import type { Incident, IncidentAction } from '../../crds/incident.ts';
import { WebhookClient } from '../notifications/webhook.ts';
import type { MountedSecrets } from '../secrets/mounted-secrets.ts';
import type { RetryPolicy } from '../spool/retry-delay.ts';
import type { StreamIdentity, WatchEvent } from '../watch/watch-event.ts';
import { ActionAttempts, actionEvent } from './action-attempts.ts';
import { nextStep } from './action-plan.ts';

/** What is counted of an action: how it ended, or why it was not taken at once. */
export const actionOutcomes = ['delivered', 'failed', 'abandoned', 'retried', 'cooldown'] as const;
export type ActionOutcome = (typeof actionOutcomes)[number];

/** A stream that this shard speaks for: whoever keeps its incidents, and when actions were taken for it. */
export interface ActedStream {
  readonly identity: StreamIdentity;
  /** When actions were last taken, by name, ISO 8601. */
  readonly actionTimes: Readonly<Record<string, string>>;
  /** Whether the defect of an open incident is there now. */
  shows(incident: string): boolean;
  /**
   * Keeps an action in its incident, on disk when this returns; what came of it is told. `incident` is how it was
   * heard of last.
   */
  recordAction(incident: Incident, action: IncidentAction): void;
}

export interface ActionsOptions {
  readonly secrets: MountedSecrets;
  readonly logger: Logger;
  readonly onOutcome: (
    action: { readonly namespace: string; readonly monitor: string; readonly action: string },
    outcome: ActionOutcome,
  ) => void;
  readonly retry?: RetryPolicy;
  readonly attemptSeconds?: number;
}

interface Acting {
  readonly stream: ActedStream;
  /** As heard of last, until all its actions have ended. */
  readonly incidents: Map<string, Incident>;
  /** By id of the event. */
  readonly attempts: Map<string, ActionAttempts>;
  /** Ids of events that were counted as waiting for a cool-down. */
  readonly cooling: Set<string>;
}

/**
 * Takes the corrective actions of StreamMonitors: each once for an incident that has been open for so long, and not
 * more often for a stream than its cool-down allows. All that must outlive the process lies with the stream: an
 * action that was begun stands in its incident before it is asked for, so that whoever goes on with the incident
 * asks again, under the same id.
 */
export class Actions {
  readonly #options: ActionsOptions;
  readonly #client: WebhookClient;
  readonly #streams = new Map<string, Acting>();
  #monitors: Readonly<Record<string, Pick<MonitorSettings, 'actions'>>> = {};
  #region: string | undefined;

  constructor(options: ActionsOptions) {
    this.#options = options;
    this.#client = new WebhookClient(options.secrets);
  }

  /** The actions of each StreamMonitor, by `namespace/name`. */
  configure(monitors: Readonly<Record<string, Pick<MonitorSettings, 'actions'>>>, region?: string): void {
    this.#monitors = monitors;
    this.#region = region;
  }

  addStream(stream: ActedStream): void {
    this.#streams.set(keyOf(stream.identity), {
      stream,
      incidents: new Map(),
      attempts: new Map(),
      cooling: new Set(),
    });
  }

  /** What has no answer yet is left to whoever goes on with the stream. */
  removeStream(identity: StreamIdentity): void {
    const key = keyOf(identity);
    for (const attempts of this.#streams.get(key)?.attempts.values() ?? []) attempts.stop();
    this.#streams.delete(key);
  }

  /** Takes incidents, those of the shard before included, and the seconds that pass. */
  handle(identity: StreamIdentity, event: WatchEvent): void {
    const acting = this.#streams.get(keyOf(identity));
    if (!acting) return;
    if (event.type === 'incident') this.#follow(acting, event.incident);
    if (event.type === 'incident' || event.type === 'seconds') this.#act(acting);
  }

  async close(): Promise<void> {
    for (const { stream } of [...this.#streams.values()]) this.removeStream(stream.identity);
    await this.#client.close();
  }

  #follow({ incidents, attempts, cooling }: Acting, incident: Incident): void {
    incidents.set(incident.id, incident);
    if (incident.state === 'open') return;
    for (const event of cooling) if (event.startsWith(`${incident.id}.`)) cooling.delete(event);
    const own = [...attempts].filter(([id]) => id.startsWith(`${incident.id}.`));
    for (const [, attempt] of own) attempt.incidentClosed();
    if (own.length === 0) incidents.delete(incident.id);
  }

  #act(acting: Acting): void {
    const { namespace, monitor } = acting.stream.identity;
    const { actions = [] } = this.#monitors[`${namespace}/${monitor}`] ?? {};
    for (const action of actions) {
      for (const incident of [...acting.incidents.values()]) {
        if (incident.state === 'open') this.#consider(acting, action, incident);
      }
    }
  }

  #consider(acting: Acting, action: ActionSettings, incident: Incident): void {
    const { stream, attempts, cooling } = acting;
    const event = `${incident.id}.${action.name}`;
    if (attempts.has(event)) return;
    const last = stream.actionTimes[action.name];
    const step = nextStep({
      action,
      incident,
      present: stream.shows(incident.id),
      ...(last !== undefined && { lastTaken: Date.parse(last) }),
      now: Date.now(),
    });
    if (step === 'cooldown' && !cooling.has(event)) {
      cooling.add(event);
      this.#count(stream, action.name, 'cooldown');
    }
    if (step === 'take') {
      const begun = { name: action.name, at: new Date().toISOString(), outcome: 'pending' } as const;
      stream.recordAction(incident, begun);
      this.#begin(acting, begun, incident);
    }
    if (step === 'resume') {
      this.#begin(acting, incident.actions!.find(({ name }) => name === action.name)!, incident);
    }
  }

  #begin(acting: Acting, action: IncidentAction, incident: Incident): void {
    const { stream, attempts, incidents, cooling } = acting;
    const { name, at } = action;
    const { logger, retry, attemptSeconds } = this.#options;
    const event = actionEvent({ name }, incident, at, this.#region);
    const attempt = new ActionAttempts({
      client: this.#client,
      logger: logger.child(stream.identity),
      target: () => this.#settings(stream, name)?.webhook,
      onRetry: () => this.#count(stream, name, 'retried'),
      ...(retry && { retry }),
      ...(attemptSeconds !== undefined && { attemptSeconds }),
    });
    attempts.set(event.id, attempt);
    cooling.delete(event.id);
    attempt
      .run(event)
      .then((end) => {
        attempts.delete(event.id);
        if (!end) return;
        this.#count(stream, name, end.outcome);
        const latest = incidents.get(incident.id) ?? incident;
        stream.recordAction(latest, { name, at, ...end });
      })
      .catch((error: unknown) =>
        logger.error({ err: error, action: name }, 'an action could not be recorded'),
      );
  }

  #settings({ identity }: ActedStream, name: string): ActionSettings | undefined {
    const { actions = [] } = this.#monitors[`${identity.namespace}/${identity.monitor}`] ?? {};
    return actions.find((action) => action.name === name);
  }

  #count({ identity }: ActedStream, action: string, outcome: ActionOutcome): void {
    const { namespace, monitor } = identity;
    this.#options.onOutcome({ namespace, monitor, action }, outcome);
  }
}

function keyOf({ namespace, monitor, stream }: StreamIdentity): string {
  return `${namespace}/${monitor}/${stream}`;
}
