import { Agent, request } from 'undici';

/** An answer of a shard's HTTP server. */
export interface ShardAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly etag: string | undefined;
  readonly body: Buffer;
}

/** Talks to one shard over its socket. */
export class ShardClient {
  readonly #agent: Agent;

  /** @param timeout ms for headers and for body each */
  constructor(socketPath: string, timeout = 5_000) {
    this.#agent = new Agent({
      connect: { socketPath, timeout },
      headersTimeout: timeout,
      bodyTimeout: timeout,
      pipelining: 1,
    });
  }

  /** @returns `undefined` when the shard does not answer */
  async get(path: string): Promise<ShardAnswer | undefined> {
    try {
      const { statusCode, headers, body } = await request(`http://shard${path}`, { dispatcher: this.#agent });
      const contentType = String(headers['content-type'] ?? 'application/octet-stream');
      const etag = headers.etag === undefined ? undefined : String(headers.etag);
      return { status: statusCode, contentType, etag, body: Buffer.from(await body.arrayBuffer()) };
    } catch {
      return undefined;
    }
  }

  /** @returns `undefined` when the shard does not answer, or not with JSON and status 200 */
  async json<T>(path: string): Promise<T | undefined> {
    const answer = await this.get(path);
    if (answer?.status !== 200) return undefined;
    try {
      return JSON.parse(answer.body.toString('utf8')) as T;
    } catch {
      return undefined;
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}
