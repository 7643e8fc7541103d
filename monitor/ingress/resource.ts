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

/**
 * Everything of a resource, or of what is left of it.
 * @throws IngressError when it is larger than `limit` bytes, or breaks off
 */
export async function readAll(chunks: AsyncIterable<Buffer>, limit: number, what: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > limit) {
      throw new IngressError('UnsupportedStream', `the ${what} is larger than ${limit} bytes`);
    }
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

/** The first `wanted` bytes (fewer when the body is shorter), and all chunks, those bytes included. */
export async function peek(
  chunks: AsyncIterable<Buffer>,
  wanted: number,
): Promise<{ readonly head: Buffer; readonly chunks: AsyncGenerator<Buffer> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const taken: Buffer[] = [];
  let size = 0;
  while (size < wanted) {
    const { value, done } = await iterator.next();
    if (done) break;
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
