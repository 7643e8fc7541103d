import { Webhook as Signer } from 'standardwebhooks';
import { Agent, request } from 'undici';
import type { WebhookTarget } from '../../crds/assignment.ts';
import { type MountedSecrets, SecretError } from '../shard/mounted-secrets.ts';
import type { Verdict } from '../spool/delivery.ts';
import { verdictOf } from './response-policy.ts';

const connectTimeout = 5000;

/** Sends CloudEvents over HTTP, signed as Standard Webhooks. Redirects are not followed; bodies are not read. */
export class WebhookClient {
  readonly #secrets: MountedSecrets;
  readonly #agent = new Agent({ connect: { timeout: connectTimeout } });

  constructor(secrets: MountedSecrets) {
    this.#secrets = secrets;
  }

  /**
   * One attempt to send `body` under `id`. Secrets are read now; one that is missing or malformed is a reason
   * to try again, because it may be about to be mounted.
   * @throws Error when there is no answer
   */
  async send(target: WebhookTarget, id: string, body: string, signal: AbortSignal): Promise<Verdict> {
    const prepared = this.#prepare(target, id, body);
    if ('result' in prepared) return prepared;
    const response = await request(prepared.url, {
      method: 'POST',
      dispatcher: this.#agent,
      headers: prepared.headers,
      body,
      signal,
    });
    // What a receiver answers may be anything: it is discarded unread, up to a limit.
    response.body.dump({ limit: 65_536, signal }).catch(() => {});
    return verdictOf(response.statusCode, firstOf(response.headers['retry-after']), Date.now());
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  #prepare(
    target: WebhookTarget,
    id: string,
    body: string,
  ): { url: URL; headers: Record<string, string> } | Verdict {
    try {
      const url = webhookUrl(target.urlFrom ? this.#secrets.read(target.urlFrom) : target.url);
      const secrets = target.secretFrom ? this.#secrets.read(target.secretFrom).split(/\s+/) : [];
      const headers = {
        ...lowerCased(this.#secrets.headers(target.headersFrom)),
        'content-type': 'application/cloudevents+json; charset=utf-8',
        'user-agent': 'streammonitor',
        ...signatureHeaders(id, body, secrets),
      };
      return { url, headers };
    } catch (error) {
      if (error instanceof SecretError) return { result: 'retry', reason: error.message };
      throw error;
    }
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

/** So that a header written in another case cannot stand beside one of ours. */
function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function webhookUrl(text: string | undefined): URL {
  const url = URL.parse(text ?? '');
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new SecretError('the webhook URL is not an http or https URL');
}

function firstOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
