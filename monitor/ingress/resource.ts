import { IngressError } from './ingress.ts';

/** Part of a resource, in bytes; to its end without `length`. */
export interface ByteRange {
  readonly offset: number;
  readonly length?: number;
}

export interface ResourceRequest {
  /** What is fetched, for error messages: `playlist`, `segment`, `key`. */
  readonly what: string;
  readonly range?: ByteRange;
  readonly signal: AbortSignal;
}

/** An opened resource, whose body is being received. */
export interface Resource {
  /** After redirects: the base of relative references. */
  readonly uri: string;
  readonly contentType: string;
  /** Bytes that the body will have, when declared. */
  readonly length?: number;
  /** Where in the resource the body starts: not at the range's offset when the origin ignores ranges. */
  readonly offset: number;
  /** Fails with an IngressError when the body breaks off. */
  readonly chunks: AsyncIterable<Buffer>;
}

/** Opens resources by absolute URI. @throws IngressError */
export type OpenResource = (uri: string, request: ResourceRequest) => Promise<Resource>;

/** ms for all of a playlist, manifest or key, and for the first bytes of anything: a byte now and then is no answer. */
const longestReading = 60_000;

/**
 * Everything of a resource, or of what is left of it.
 * @param within ms that it may take; each chunk resets the time-outs of the connection, this one none
 * @throws IngressError when it is larger than `limit` bytes, takes too long, or breaks off
 */
export async function readAll(
  chunks: AsyncIterable<Buffer>,
  limit: number,
  what: string,
  within = longestReading,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  const began = performance.now();
  let size = 0;
  for await (const chunk of chunks) {
    refuseSlow(began, within, what);
    size += chunk.length;
    if (size > limit) {
      throw new IngressError('UnsupportedStream', `the ${what} is larger than ${limit} bytes`);
    }
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

function refuseSlow(began: number, within: number, what: string): void {
  if (performance.now() - began <= within) return;
  throw new IngressError(
    'UpstreamError',
    `the origin is too slow: the ${what} is not there after ${within / 1000} s`,
  );
}

/**
 * The first `wanted` bytes (fewer when the body is shorter), and all chunks, those bytes included.
 * @param within ms that they may take
 * @throws IngressError when they take too long, or what breaks off
 */
export async function peek(
  chunks: AsyncIterable<Buffer>,
  wanted: number,
  within = longestReading,
): Promise<{ readonly head: Buffer; readonly chunks: AsyncGenerator<Buffer> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const taken: Buffer[] = [];
  const began = performance.now();
  let size = 0;
  while (size < wanted) {
    const { value, done } = await iterator.next();
    if (done) break;
    refuseSlow(began, within, 'beginning');
    taken.push(value);
    size += value.length;
  }
  return { head: Buffer.concat(taken).subarray(0, wanted), chunks: resume(taken, iterator) };
}

async function* resume(taken: Buffer[], iterator: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    for (let chunk = taken.shift(); chunk; chunk = taken.shift()) yield chunk;
    for (;;) {
      const { value, done } = await iterator.next();
      if (done) return;
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
}
