import { Webhook as Signer } from 'standardwebhooks';
import type { Dispatcher } from 'undici';
import type { WebhookTarget } from '../../crds/assignment.ts';
import { type MountedSecrets, SecretError } from '../secrets/mounted-secrets.ts';
import type { Retry, Verdict } from '../spool/delivery.ts';
import { HttpSender } from './http-sender.ts';
import { verdictOfAnswer } from './response-policy.ts';

/** Sends CloudEvents over HTTP, signed as Standard Webhooks. Redirects are not followed. */
export class WebhookClient {
  readonly #secrets: MountedSecrets;
  readonly #sender: HttpSender;

  constructor(secrets: MountedSecrets) {
    this.#secrets = secrets;
    this.#sender = new HttpSender(secrets);
  }

  /**
   * One attempt to send `body` under `id`; what is answered is not read.
   * @throws Error when there is no answer
   */
  async send(target: WebhookTarget, id: string, body: string, signal: AbortSignal): Promise<Verdict> {
    const answer = await this.ask(target, id, body, signal);
    if ('result' in answer) return answer;
    // What a receiver answers may be anything: it is discarded unread, up to a limit.
    answer.body.dump({ limit: 65_536, signal }).catch(() => {});
    return verdictOfAnswer(answer);
  }

  /**
   * The same for one whose answer is wanted: its body is to be read or dumped.
   * @throws Error when there is no answer
   */
  ask(
    target: WebhookTarget,
    id: string,
    body: string,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData | Retry> {
    const headers = () => {
      const secrets = target.secretFrom ? this.#secrets.read(target.secretFrom).split(/\s+/) : [];
      return {
        'content-type': 'application/cloudevents+json; charset=utf-8',
        ...signatureHeaders(id, body, secrets),
      };
    };
    return this.#sender.post(target, { body, headers }, signal);
  }

  close(): Promise<void> {
    return this.#sender.close();
  }
}

/**
 * Headers of Standard Webhooks. During a rotation the file holds the new and the old secret, separated by white
 * space, and each signs: a receiver accepts any signature that matches.
 * @throws SecretError when a secret is not base64
 */
export function signatureHeaders(
  id: string,
  body: string,
  secrets: readonly string[],
): Record<string, string> {
  const time = new Date();
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(Math.floor(time.getTime() / 1000)) };
  if (secrets.length === 0) return headers;
  let signatures: string[];
  try {
    signatures = secrets.map((secret) => new Signer(secret).sign(id, time, body));
  } catch {
    throw new SecretError('the webhook secret is not of the form whsec_ + base64');
  }
  return { ...headers, 'webhook-signature': signatures.join(' ') };
}
