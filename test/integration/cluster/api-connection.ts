import { Agent, request } from 'undici';
import type { KubeconfigUser } from './kubeconfig.ts';

/** An answer of the API server; `body` is parsed where it is JSON. */
export interface ApiAnswer<T> {
  readonly status: number;
  readonly body: T;
}

/** Plain requests to an API server: what tests ask and arrange by themselves, past the client that they test. */
export class ApiConnection {
  readonly #server: string;
  readonly #agent: Agent;
  readonly #headers: Readonly<Record<string, string>>;

  /**
   * @param authority PEM certificate that signed the server's
   * @param user nobody without: a proxy makes such a client the administrator
   */
  constructor(server: string, authority: string, user?: KubeconfigUser) {
    this.#server = server;
    const identity = user && 'key' in user ? { cert: user.certificate, key: user.key } : {};
    this.#agent = new Agent({ connect: { ca: authority, ...identity }, bodyTimeout: 0 });
    this.#headers = { accept: 'application/json' };
    if (user && 'token' in user) this.#headers = { ...this.#headers, authorization: `Bearer ${user.token}` };
  }

  /** One request with its status, whatever that is. */
  async request<T = unknown>(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
  ): Promise<ApiAnswer<T>> {
    const answer = await request(this.#server + path, {
      method,
      dispatcher: this.#agent,
      headers: { ...this.#headers, ...(body !== undefined && { 'content-type': contentType }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    const isJson = String(answer.headers['content-type']).startsWith('application/json');
    return { status: answer.statusCode, body: (isJson ? JSON.parse(text) : text) as T };
  }

  /** @throws Error with the server's answer when that is not 2xx */
  async json<T = unknown>(...call: Parameters<ApiConnection['request']>): Promise<T> {
    const { status, body } = await this.request<T>(...call);
    if (status >= 200 && status < 300) return body;
    throw new Error(`${call[0]} ${call[1]}: ${status} ${JSON.stringify(body)}`);
  }

  /** The lines of a watch as they arrive; ends when the server ends it or `signal` does. */
  async *watch<T>(path: string, signal: AbortSignal): AsyncGenerator<T> {
    const call = { dispatcher: this.#agent, headers: this.#headers, signal };
    const { statusCode, body } = await request(this.#server + path, call);
    if (statusCode !== 200) throw new Error(`watch ${path}: ${statusCode} ${await body.text()}`);
    let rest = '';
    for await (const chunk of body.setEncoding('utf8')) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines) yield JSON.parse(line) as T;
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}
