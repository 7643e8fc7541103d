import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import fastifyStatic from '@fastify/static';
import Fastify from 'fastify';
import { type Fault, FaultyBody } from './faults.ts';

/** One request that an origin received. */
export interface OriginRequest {
  readonly path: string;
  readonly headers: NodeJS.Dict<string | string[]>;
}

/** An HTTP server of the files in a folder: byte ranges, content types, and faults by path. */
export interface Origin {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  /** Oldest first. */
  readonly requests: readonly OriginRequest[];
  /** Lets requests whose path matches fail from now on; the latest match holds. Returns how to undo it. */
  fail(path: string | RegExp, fault: Fault): () => void;
  stop(): Promise<void>;
}

/** Serves a folder on a free port of 127.0.0.1. */
export async function startOrigin(directory: string): Promise<Origin> {
  const faults: { path: string | RegExp; fault: Fault }[] = [];
  const requests: OriginRequest[] = [];
  const faultAt = (path: string) =>
    faults.findLast((each) => (typeof each.path === 'string' ? each.path === path : each.path.test(path)))
      ?.fault;
  const pathOf = (url: string) => new URL(url, 'http://origin').pathname;

  const server = Fastify({ forceCloseConnections: true });
  server.addHook('onRequest', async (request, reply) => {
    const path = pathOf(request.url);
    requests.push({ path, headers: request.headers });
    const fault = faultAt(path);
    if (fault?.delay) await delay(fault.delay * 1000);
    if (fault?.unless && request.headers[fault.unless.header.toLowerCase()] !== fault.unless.value) {
      return reply.code(403).send('forbidden');
    }
    if (fault?.location !== undefined) return reply.redirect(fault.location);
    if (fault?.status !== undefined || fault?.body !== undefined) {
      return reply
        .code(fault.status ?? 200)
        .type(fault.contentType ?? 'text/html')
        .send(fault.body ?? `<html><body>${fault.status}</body></html>`);
    }
  });
  server.addHook('onSend', async (request, reply, payload) => {
    const fault = faultAt(pathOf(request.url));
    if (fault?.rewrite && payload instanceof Readable) {
      const rewritten = fault.rewrite(await text(payload));
      reply.header('content-length', Buffer.byteLength(rewritten));
      return rewritten;
    }
    const damaged = fault?.bytesPerSecond ?? fault?.cutAfter ?? fault?.stallAfter;
    return damaged !== undefined && fault && payload instanceof Readable
      ? payload.pipe(new FaultyBody(fault))
      : payload;
  });
  server.register(fastifyStatic, { root: directory, cacheControl: false });

  return {
    url: await server.listen({ host: '127.0.0.1', port: 0 }),
    requests,
    fail: (path, fault) => {
      const entry = { path, fault };
      faults.push(entry);
      return () => {
        const index = faults.indexOf(entry);
        if (index >= 0) faults.splice(index, 1);
      };
    },
    stop: () => server.close(),
  };
}
