import { Agent, request } from 'undici';

/** An answer of a shard's HTTP server. */
export interface ShardAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly etag: string | undefined;
  readonly body: Buffer;
}

/** Where a shard listens: a socket of this machine, or an address such as `http://10.1.2.3:8080`. */
export type ShardAddress = { readonly socketPath: string } | { readonly origin: string };

/** More than any shard has to say. What answers with more is none. */
const largestAnswer = 16 * 1024 * 1024;

/** Talks to one shard. */
export class ShardClient {
  readonly #agent: Agent;
  readonly #origin: string;

  /** @param timeout ms for the connection, for headers and for pauses of the body each */
  constructor(address: ShardAddress, timeout = 5_000) {
    const socketPath = 'socketPath' in address ? address.socketPath : undefined;
    this.#origin = 'origin' in address ? address.origin : 'http://shard';
    this.#agent = new Agent({
      connect: { timeout, ...(socketPath !== undefined && { socketPath }) },
      headersTimeout: timeout,
      bodyTimeout: timeout,
      maxResponseSize: largestAnswer,
      pipelining: 1,
    });
  }

  /**
   * @param within ms for the whole answer; without, only its pauses are bounded
   * @returns `undefined` when the shard does not answer
   */
  async get(path: string, within?: number): Promise<ShardAnswer | undefined> {
    try {
      const { statusCode, headers, body } = await request(this.#origin + path, {
        dispatcher: this.#agent,
        ...(within !== undefined && { signal: AbortSignal.timeout(within) }),
      });
      const contentType = String(headers['content-type'] ?? 'application/octet-stream');
      const etag = headers.etag === undefined ? undefined : String(headers.etag);
      return { status: statusCode, contentType, etag, body: Buffer.from(await body.arrayBuffer()) };
    } catch {
      return undefined;
    }
  }

  /** @returns `undefined` when the shard does not answer, or not with JSON and status 200 */
  async json<T>(path: string, within?: number): Promise<T | undefined> {
    const answer = await this.get(path, within);
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
