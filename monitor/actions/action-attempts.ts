import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ActionSettings, WebhookTarget } from '../../crds/assignment.ts';
import type { Incident, IncidentAction } from '../../crds/incident.ts';
import type { ActionEvent } from '../../crds/incident-event.ts';
import { verdictOfAnswer } from '../notifications/response-policy.ts';
import type { WebhookClient } from '../notifications/webhook.ts';
import type { Retry } from '../spool/delivery.ts';
import { defaultRetryPolicy, type RetryPolicy, retryDelay } from '../spool/retry-delay.ts';
import { resultOf } from './action-answer.ts';

/** What came of an action that was begun. */
export interface ActionEnd extends Pick<IncidentAction, 'status' | 'result'> {
  readonly outcome: Exclude<IncidentAction['outcome'], 'pending'>;
}

export interface ActionAttemptsOptions {
  readonly client: WebhookClient;
  readonly logger: Logger;
  /** The address of the moment; nothing where the action was removed. */
  readonly target: () => WebhookTarget | undefined;
  readonly onRetry: () => void;
  readonly retry?: RetryPolicy;
  readonly attemptSeconds?: number;
}

/** The event that an action's webhook receives, under one id however often it is sent. */
export function actionEvent(
  { name }: Pick<ActionSettings, 'name'>,
  incident: Incident,
  time: string,
  region?: string,
): ActionEvent {
  return {
    specversion: '1.0',
    id: `${incident.id}.${name}`,
    source: `/apis/streammonitor.dev/v1alpha1/namespaces/${incident.namespace}/streammonitors/${incident.monitor}`,
    type: 'dev.streammonitor.action',
    subject: incident.stream,
    time,
    datacontenttype: 'application/json',
    ...(region !== undefined && { region }),
    data: { action: name, incident },
  };
}

/** One action that is being taken: asked for again and again while its incident is open. */
export class ActionAttempts {
  readonly #options: ActionAttemptsOptions;
  readonly #closing = new AbortController();
  readonly #stopping = new AbortController();

  constructor(options: ActionAttemptsOptions) {
    this.#options = options;
  }

  /** The incident closed: what is under way is waited for, and nothing is asked for again. */
  incidentClosed(): void {
    this.#closing.abort();
  }

  /** Another goes on with it. */
  stop(): void {
    this.#stopping.abort();
  }

  /** What came of it; nothing after `stop`. */
  async run(event: ActionEvent): Promise<ActionEnd | undefined> {
    const { logger, retry = defaultRetryPolicy, onRetry } = this.#options;
    const body = JSON.stringify(event);
    const log = logger.child({ action: event.data.action, incident: event.data.incident.id });
    for (let failures = 1; ; failures++) {
      const end = await this.#attempt(event.id, body);
      if (this.#stopping.signal.aborted) return undefined;
      if ('outcome' in end) {
        const { outcome, status } = end;
        log[outcome === 'delivered' ? 'info' : 'error']({ outcome, status }, 'action taken');
        return end;
      }
      const { reason, retryAfter } = end;
      if (!this.#closing.signal.aborted) {
        log[failures === 1 ? 'warn' : 'debug']({ reason }, 'action failed; it will be tried again');
        onRetry();
        await this.#pause(retryDelay(retry, failures, Math.random(), retryAfter));
      }
      if (this.#stopping.signal.aborted) return undefined;
      if (!this.#closing.signal.aborted) continue;
      log.error({ reason }, 'action given up: the incident closed');
      return { outcome: 'abandoned' };
    }
  }

  async #attempt(id: string, body: string): Promise<ActionEnd | Retry> {
    const target = this.#options.target();
    if (!target) return { outcome: 'abandoned' };
    const timeout = AbortSignal.timeout((this.#options.attemptSeconds ?? 15) * 1000);
    const signal = AbortSignal.any([this.#stopping.signal, timeout]);
    try {
      const answer = await this.#options.client.ask(target, id, body, signal);
      if ('result' in answer) return answer;
      const verdict = verdictOfAnswer(answer);
      if (verdict.result === 'retry') {
        answer.body.dump({ limit: 65_536, signal }).catch(() => {});
        return verdict;
      }
      const result = await resultOf(answer, signal);
      return {
        outcome: verdict.result === 'delivered' ? 'delivered' : 'failed',
        status: answer.statusCode,
        ...(result !== undefined && { result }),
      };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
      return { result: 'retry', reason: timeout.aborted ? 'time-out' : code };
    }
  }

  async #pause(seconds: number): Promise<void> {
    const signal = AbortSignal.any([this.#closing.signal, this.#stopping.signal]);
    await sleep(seconds * 1000, undefined, { signal }).catch(() => {});
  }
}
