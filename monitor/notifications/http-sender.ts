import { Agent, type Dispatcher, request } from 'undici';
import type { SecretKey } from '../../crds/assignment.ts';
import { type MountedSecrets, SecretError } from '../secrets/mounted-secrets.ts';
import type { Retry } from '../spool/delivery.ts';

const connectTimeout = 5000;

/** An HTTP address, with its Secrets by name. */
export interface HttpTarget {
  readonly url?: string;
  readonly urlFrom?: SecretKey;
  readonly headersFrom?: SecretKey;
}

export interface HttpMessage {
  readonly body: string;
  /** Added to the path of the target. */
  readonly path?: string;
  /** In lower case; made now, since what they need of Secrets may have changed. */
  readonly headers: () => Readonly<Record<string, string>>;
}

/** Posts over HTTP to addresses and with headers that may lie in Secrets. Redirects are not followed. */
export class HttpSender {
  readonly #secrets: MountedSecrets;
  readonly #agent = new Agent({ connect: { timeout: connectTimeout } });

  constructor(secrets: MountedSecrets) {
    this.#secrets = secrets;
  }

  /**
   * One attempt: the answer, whose body is to be read or dumped. Secrets are read now; one that is missing or
   * malformed is a reason to try again, because it may be about to be mounted.
   * @throws Error when there is no answer
   */
  async post(
    target: HttpTarget,
    message: HttpMessage,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData | Retry> {
    const prepared = this.#prepare(target, message);
    if ('result' in prepared) return prepared;
    const { url, headers } = prepared;
    return request(url, { method: 'POST', dispatcher: this.#agent, headers, body: message.body, signal });
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  #prepare(
    target: HttpTarget,
    { path, headers }: HttpMessage,
  ): { url: URL; headers: Record<string, string> } | Retry {
    try {
      const url = httpUrl(target.urlFrom ? this.#secrets.read(target.urlFrom) : target.url);
      if (path !== undefined) url.pathname = url.pathname.replace(/\/$/, '') + path;
      return {
        url,
        headers: {
          ...lowerCased(this.#secrets.headers(target.headersFrom)),
          'user-agent': 'streammonitor',
          ...headers(),
        },
      };
    } catch (error) {
      if (error instanceof SecretError) return { result: 'retry', reason: error.message };
      throw error;
    }
  }
}

/** So that a header written in another case cannot stand beside one of ours. */
function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function httpUrl(text: string | undefined): URL {
  const url = URL.parse(text ?? '');
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new SecretError('the URL of the receiver is not an http or https URL');
}
