import { Readable } from 'node:stream';
import { type Dispatcher, request } from 'undici';
import { CallScope } from './call-scope.ts';
import type { Authorisation, KubeConnection } from './kube-connection.ts';
import { isKubeError, KubeError } from './kube-error.ts';
import { isStaleConnection, networkError } from './network-error.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { type FailureStatus, statusError } from './status-error.ts';

/** One call of the API, in the terms of HTTP. */
export interface Call {
  /** In Kubernetes' words: get, list, watch, create, update, patch, apply, delete. */
  readonly verb: string;
  /** Plural, with the subresource: `deployments`, `deployments/status`. */
  readonly resource: string;
  /** Key of the object, or namespace of the collection; '' where there is none. */
  readonly subject: string;
  readonly method: Dispatcher.HttpMethod;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

/** A request that was made, for metrics. */
export interface CallRecord {
  readonly verb: string;
  readonly resource: string;
  /** HTTP status, or the code of the KubeError where there was no answer. */
  readonly code: string;
  /** Until the answer began. */
  readonly seconds: number;
}

export interface TransportOptions {
  readonly userAgent: string;
  /** Longest silence of the server within a call, ms. */
  readonly timeout: number;
  readonly onCall: ((call: CallRecord) => void) | undefined;
  /** Asked before each request that is to change something, and again when its connection stands. */
  readonly mayWrite: () => boolean;
}

/** How often a call that the server turns away unread is sent in all. */
const maximumAttempts = 5;
/** Seconds, where the server asks for a pause without saying how long. */
const defaultRetryAfter = 1;

/** Sends calls over the shared connection, at the limiter's rate, and turns every failure into a KubeError. */
export class KubeTransport {
  readonly #connection: KubeConnection;
  readonly #limiter: RateLimiter;
  readonly #options: TransportOptions;
  readonly #scopes = new Set<CallScope>();
  #closed: KubeError | undefined;

  constructor(connection: KubeConnection, limiter: RateLimiter, options: TransportOptions) {
    this.#connection = connection;
    this.#limiter = limiter;
    this.#options = options;
  }

  /** @throws KubeError, or the reason of the call's signal */
  async send<T>(call: Call): Promise<T> {
    const scope = this.#begin(call);
    try {
      for (let attempt = 1; ; attempt++) {
        await this.#limiter.acquire(scope.signal);
        const authorisation = await this.#connection.authorise();
        this.#verifyMayWrite(call);
        try {
          return await this.#sendOnce<T>(call, authorisation, scope.signal);
        } catch (error) {
          const isAnswered = this.#heed(error, authorisation);
          const isWorthAnother = isAnswered
            ? attempt < maximumAttempts
            : isStaleRead(call, error) && attempt === 1;
          if (!isWorthAnother) throw error;
        }
      }
    } finally {
      this.#end(scope);
    }
  }

  /**
   * The answer's bytes as they come. The limiter does not count it, as it lasts for minutes.
   * @param idleTimeout longest silence, in ms, before the connection counts as dead
   * @throws KubeError, or the reason of the call's signal; in the midst of the iteration too
   */
  async *stream(call: Call, idleTimeout: number): AsyncGenerator<Uint8Array> {
    const scope = this.#begin(call);
    try {
      const authorisation = await this.#connection.authorise();
      try {
        const { body } = await this.#request(call, authorisation, scope.signal, idleTimeout);
        for await (const piece of body) yield piece;
      } catch (error) {
        this.#heed(error, authorisation);
        throw failureOf(call, error, scope.signal);
      }
    } finally {
      this.#end(scope);
    }
  }

  /** Ends the calls that run, and refuses more. The connection stays: others may share it. */
  close(): void {
    this.#closed = new KubeError('Network', 'the client was closed', { reason: 'Closed' });
    for (const scope of this.#scopes) scope.abort(this.#closed);
  }

  #begin(call: Call): CallScope {
    if (this.#closed) throw this.#closed;
    const scope = new CallScope(call.signal);
    this.#scopes.add(scope);
    return scope;
  }

  #end(scope: CallScope): void {
    scope.end();
    this.#scopes.delete(scope);
  }

  #verifyMayWrite(call: Call): void {
    if (call.method === 'GET' || this.#options.mayWrite()) return;
    throw new KubeError('Forbidden', `${callName(call)}: this process may not write now`, {
      reason: 'MayNotWrite',
    });
  }

  /**
   * The body, of which the first byte is asked for when the connection stands, and before the headers go: a process
   * can fall asleep for longer than its lease in the midst of a TLS handshake.
   */
  async *#verified(call: Call, body: Buffer): AsyncGenerator<Buffer> {
    this.#verifyMayWrite(call);
    yield body;
  }

  async #sendOnce<T>(call: Call, authorisation: Authorisation, signal: AbortSignal): Promise<T> {
    try {
      const { body } = await this.#request(call, authorisation, signal, this.#options.timeout);
      return parsed<T>(call, await body.text());
    } catch (error) {
      throw failureOf(call, error, signal);
    }
  }

  /** @throws KubeError for every status but a success; what undici throws */
  async #request(
    call: Call,
    { dispatcher, headers }: Authorisation,
    signal: AbortSignal,
    silence: number,
  ): Promise<Dispatcher.ResponseData> {
    const start = performance.now();
    const record = (code: string) => {
      const seconds = (performance.now() - start) / 1000;
      this.#options.onCall?.({ verb: call.verb, resource: call.resource, code, seconds });
    };
    const body = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body));
    let response: Dispatcher.ResponseData;
    try {
      response = await request(this.#url(call), {
        dispatcher,
        method: call.method,
        headers: {
          accept: 'application/json',
          'user-agent': this.#options.userAgent,
          ...(body && {
            'content-type': call.contentType ?? 'application/json',
            'content-length': String(body.length),
          }),
          ...headers,
        },
        body: body ? Readable.from(this.#verified(call, body), { objectMode: false }) : null,
        headersTimeout: silence,
        bodyTimeout: silence,
        signal,
      });
    } catch (error) {
      if (!signal.aborted) record(networkError('', error).code);
      throw error;
    }
    record(String(response.statusCode));
    if (response.statusCode < 300) return response;
    const retryAfter = Number.parseInt(String(response.headers['retry-after']), 10);
    const status = failureStatus(await response.body.text());
    throw statusError(
      callName(call),
      response.statusCode,
      status,
      Number.isNaN(retryAfter) ? undefined : retryAfter,
    );
  }

  #url(call: Call): URL {
    const url = new URL(this.#connection.server);
    url.pathname = url.pathname.replace(/\/$/, '') + call.path;
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    return url;
  }

  /**
   * A server that asks for a pause gets it from all calls; one that refuses the credentials, other ones.
   * @returns whether the server did not act on the call and may do so now
   */
  #heed(error: unknown, authorisation: Authorisation): boolean {
    if (isTurnedAway(error)) {
      this.#limiter.hold(error.retryAfter ?? defaultRetryAfter);
      return true;
    }
    return isKubeError(error, 'Unauthorized') && this.#connection.refused(authorisation);
  }
}

/** The server did not act on the call. */
function isTurnedAway(error: unknown): error is KubeError {
  if (!(error instanceof KubeError)) return false;
  return error.code === 'Throttled' || (error.status === 503 && error.retryAfter !== undefined);
}

function isStaleRead(call: Call, error: unknown): boolean {
  return call.method === 'GET' && isStaleConnection(error);
}

function failureOf(call: Call, error: unknown, signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : networkError(callName(call), error);
}

function callName({ verb, resource, subject }: Call): string {
  return subject === '' ? `${verb} ${resource}` : `${verb} ${resource} ${subject}`;
}

function parsed<T>(call: Call, text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    // What a parser says quotes the text, and there may be a secret in it.
    throw new KubeError('Server', `${callName(call)}: the answer is not JSON`, { reason: 'NotJson' });
  }
}

/** Only what a Kubernetes server says of itself is repeated: a proxy's page is no reason. */
function failureStatus(text: string): FailureStatus | undefined {
  try {
    const status = JSON.parse(text) as FailureStatus & { kind?: string };
    return status.kind === 'Status' ? status : undefined;
  } catch {
    return undefined;
  }
}
