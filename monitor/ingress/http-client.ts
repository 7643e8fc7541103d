import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Agent, request } from 'undici';
import { type AddressPolicy, addressPolicy, egressDenied } from './address-policy.ts';
import { networkFailure, statusFailure } from './http-failure.ts';
import { IngressError } from './ingress.ts';
import { type Resource, type ResourceRequest, readAll } from './resource.ts';

/** In ms: connecting, waiting for the response's headers, and the longest pause within its body. */
export interface HttpTimeouts {
  readonly connect: number;
  readonly headers: number;
  readonly bodyIdle: number;
}

/** Generous for an origin at the other end of the world, short beside a segment. */
const defaultTimeouts: HttpTimeouts = { connect: 5_000, headers: 10_000, bodyIdle: 10_000 };
const mostRedirects = 5;
/** Text that an origin compressed although it was not asked to. */
const mostInflated = 16 * 1024 * 1024;

/**
 * The HTTP connections of one stream. Every hop's URL and every address that a name resolves to is checked at
 * connecting, so that neither a redirect nor a rebound name leads to a forbidden address. The stream's own headers
 * go to its origin and nowhere else.
 */
export class HttpClient {
  readonly #agent: Agent;
  readonly #policy: AddressPolicy;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #origin: string;

  constructor(
    streamUrl: string,
    options: {
      readonly headers: Readonly<Record<string, string>>;
      readonly allowedRanges: readonly string[];
    },
    timeouts = defaultTimeouts,
  ) {
    this.#origin = new URL(streamUrl).origin;
    this.#headers = options.headers;
    this.#policy = addressPolicy(options.allowedRanges);
    this.#agent = new Agent({
      connect: { lookup: checkedLookup(this.#policy), timeout: timeouts.connect },
      headersTimeout: timeouts.headers,
      bodyTimeout: timeouts.bodyIdle,
    });
  }

  /**
   * Opens a resource, following redirects.
   * @throws IngressError EgressDenied, Unauthorized, NotFound, UpstreamError, Unreachable, UnsupportedStream
   */
  async open(uri: string, { what, range, signal }: ResourceRequest): Promise<Resource> {
    let url = this.#checked(uri, what);
    for (let hop = 0; hop <= mostRedirects; hop++) {
      const response = await request(url, {
        dispatcher: this.#agent,
        signal,
        headers: {
          'user-agent': 'streammonitor',
          'accept-encoding': 'identity',
          ...(url.origin === this.#origin && this.#headers),
          ...(range && { range: rangeHeader(range) }),
        },
      }).catch((error: unknown) => {
        throw networkFailure(error, what);
      });
      const location = single(response.headers.location);
      if (isRedirect(response.statusCode) && location !== undefined) {
        discard(response.body);
        if (!URL.canParse(location, url)) {
          throw new IngressError(
            'UpstreamError',
            `the origin redirects the ${what} to something that is no URL`,
          );
        }
        url = this.#checked(new URL(location, url).href, what);
        continue;
      }
      const failure = statusFailure(response.statusCode, what);
      if (failure) {
        discard(response.body);
        throw failure;
      }
      const compressed = /gzip/i.test(single(response.headers['content-encoding']) ?? '');
      const length = Number(single(response.headers['content-length']) ?? Number.NaN);
      return {
        uri: url.href,
        contentType: (single(response.headers['content-type']) ?? '').toLowerCase(),
        ...(Number.isFinite(length) && !compressed && { length }),
        offset: response.statusCode === 206 ? (range?.offset ?? 0) : 0,
        chunks: compressed ? inflated(response.body, what) : failing(response.body, what),
      };
    }
    throw new IngressError(
      'UpstreamError',
      `the origin redirects the ${what} more than ${mostRedirects} times`,
    );
  }

  /** Cuts every connection. */
  close(): void {
    this.#agent.destroy().catch(() => {});
  }

  #checked(uri: string, what: string): URL {
    const url = new URL(uri);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw new IngressError(
        'UnsupportedStream',
        `the ${what} is at a ${url.protocol} address; only http and https are opened`,
      );
    }
    // A literal address never reaches the lookup.
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host)) {
      const verdict = this.#policy(host);
      if (!verdict.allowed) throw egressDenied(host, verdict.range);
    }
    return url;
  }
}

function checkedLookup(policy: AddressPolicy): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const allowed = addresses.filter(({ address }) => policy(address).allowed);
      const first = allowed[0];
      if (!first) {
        const refused = addresses[0]!.address;
        const verdict = policy(refused);
        return callback(egressDenied(refused, verdict.allowed ? '' : verdict.range), []);
      }
      if (options.all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

async function* failing(body: AsyncIterable<Buffer>, what: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) yield chunk;
  } catch (error) {
    throw networkFailure(error, what);
  }
}

async function* inflated(body: AsyncIterable<Buffer>, what: string): AsyncGenerator<Buffer> {
  const packed = await readAll(failing(body, what), mostInflated, what);
  try {
    yield await promisify(gunzip)(packed, { maxOutputLength: mostInflated });
  } catch {
    throw new IngressError('UpstreamError', `the origin's compressed ${what} cannot be decompressed`);
  }
}

/** Frees the connection without waiting for a body that nobody reads. */
function discard(body: { dump(): Promise<unknown> }): void {
  body.dump().catch(() => {});
}

function rangeHeader({ offset, length }: { offset: number; length?: number }): string {
  return `bytes=${offset}-${length === undefined ? '' : offset + length - 1}`;
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
