import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HttpClient } from '../../monitor/ingress/http-client.ts';
import { needsIngress, openFileIngress } from '../../monitor/ingress/open.ts';
import {
  ffmpeg,
  framesIn,
  Origin,
  only,
  open,
  readEverything,
  readSession,
  testMedia,
  watched,
} from './ingress-origin.ts';

let origin: Origin;

beforeAll(async () => {
  origin = await Origin.start();
  await ffmpeg(origin.directory, ...testMedia(4), 'all.ts');
  const copied = ['-i', 'all.ts', '-c', 'copy', '-bsf:a', 'aac_adtstoasc'];
  await ffmpeg(origin.directory, ...copied, '-movflags', '+faststart', 'first.mp4');
  await ffmpeg(origin.directory, ...copied, 'last.mp4');
});

afterEach(() => {
  origin.overrides.clear();
  origin.requests.length = 0;
});

afterAll(() => origin.stop());

const failure = (path: string, seen = watched()) =>
  open(path.includes(':') ? path : origin.url(path), seen).then(
    () => undefined,
    (error: { reason: string; message: string }) => error,
  );

describe('one body', () => {
  it('is a finite transport stream when its length is declared', async () => {
    const seen = watched();
    const [only] = await readEverything(await open(origin.url('all.ts'), seen));
    expect(only!.session).toMatchObject({ live: false, transportSeen: true, inputs: [{ format: 'mpegts' }] });
    expect(await framesIn(only!.inputs[0]!)).toBe(100);
    expect(new Set(seen.evidence.map(({ evidence }) => evidence))).toEqual(new Set(['random-access']));
  });

  it('is live when it is not, until the sender stops', async () => {
    const file = await readFile(origin.path('all.ts'));
    origin.overrides.set('live', (_request, response) => {
      response.setHeader('content-type', 'video/mp2t');
      // Joined in the middle of a packet, as behind a relay.
      response.write(file.subarray(1000));
      response.end();
    });
    const ingress = await open(origin.url('live'), watched());
    const session = await ingress.next();
    expect(session).toMatchObject({ live: true });
    await readSession(session!);
    await expect(ingress.next()).rejects.toMatchObject({ reason: 'SenderStopped' });
  });

  it('is a progressive file when its index comes first', async () => {
    const [only] = await readEverything(await open(origin.url('first.mp4'), watched()));
    expect(only!.session).toMatchObject({ live: false, transportSeen: false, inputs: [{ format: 'mov' }] });
    expect(await framesIn(only!.inputs[0]!)).toBe(100);
    expect(await failure('last.mp4')).toMatchObject({ reason: 'UnsupportedStream' });
  });

  it('tells that it broke off', async () => {
    const file = await readFile(origin.path('all.ts'));
    origin.overrides.set('broken.ts', (_request, response) => {
      response.setHeader('content-length', file.length);
      response.write(file.subarray(0, 50_000), () => response.destroy());
    });
    const seen = watched();
    const ingress = await open(origin.url('broken.ts'), seen);
    await readSession((await ingress.next())!);
    await expect(ingress.next()).rejects.toMatchObject({ reason: 'SenderStopped' });
    expect(only('short-segment', seen)).toHaveLength(1);
  });

  it('holds the sender back while nobody reads', async () => {
    let sent = 0;
    origin.overrides.set('endless.ts', async (_request, response) => {
      const file = await readFile(origin.path('all.ts'));
      const more = () => {
        while (!response.destroyed && response.write(file)) sent += file.length;
      };
      response.on('drain', more);
      more();
    });
    const ingress = await open(origin.url('endless.ts'), watched());
    await ingress.next();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const before = sent;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(sent).toBe(before);
    expect(sent).toBeLessThan(32 * 1024 * 1024);
    ingress.close();
    expect(await ingress.next()).toBeUndefined();
  });
});

describe('local files', () => {
  it('need the ingress when packets can be watched', async () => {
    await writeFile(origin.path('list.m3u8'), '');
    expect(await needsIngress(origin.path('all.ts'))).toBe(true);
    expect(await needsIngress(origin.path('list.m3u8'))).toBe(true);
    expect(await needsIngress(origin.path('first.mp4'))).toBe(false);
    expect(await needsIngress(origin.path('absent.ts'))).toBe(false);
  });

  it('are read whole', async () => {
    const [only] = await readEverything(await openFileIngress(origin.path('all.ts'), watched().options));
    expect(only!.session).toMatchObject({ live: false, transportSeen: true });
    expect(only!.inputs[0]).toEqual(await readFile(origin.path('all.ts')));
  });
});

describe('what is no stream', () => {
  it.each([
    ['page', '<!DOCTYPE html><html></html>', 'text/html', 'NotMedia'],
    ['json', '{"error":"gone"}', 'application/json', 'NotMedia'],
    ['blank', '', 'video/mp2t', 'NotMedia'],
    ['noise', Buffer.alloc(3000, 0x11), 'application/octet-stream', 'NotMedia'],
  ])('%s', async (path, body, type, reason) => {
    origin.overrides.set(path, (_request, response) => response.setHeader('content-type', type).end(body));
    expect((await failure(path))?.reason).toBe(reason);
  });

  it.each([
    [401, 'Unauthorized'],
    [403, 'Unauthorized'],
    [404, 'NotFound'],
    [500, 'UpstreamError'],
  ])('status %i is %s', async (status, reason) => {
    origin.overrides.set('refused', (_request, response) => response.writeHead(status).end('secret body'));
    const error = await failure('refused?token=secret');
    expect(error).toMatchObject({ reason });
    expect(error!.message).toContain(String(status));
    expect(error!.message).not.toContain('secret');
  });
});

describe('hosts', () => {
  it.each([
    ['http://127.0.0.1:1/', 'Unreachable'],
    ['http://no-such-host.invalid/', 'Unreachable'],
  ])('%s is %s', async (url, reason) => {
    expect((await failure(url))?.reason).toBe(reason);
  });

  it.each([
    'http://127.0.0.1:1/',
    'http://localhost:1/',
    'http://[::1]:1/',
    'http://0x7f.1:1/',
    'http://169.254.169.254/',
  ])('%s is denied unless allowed', async (url) => {
    const error = await failure(url, watched({ allowedRanges: [] }));
    expect(error).toMatchObject({ reason: 'EgressDenied' });
    expect(error!.message).toMatch(/to the allowed ranges/);
  });

  it('are denied behind a redirect too', async () => {
    origin.overrides.set('metadata', (_request, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
    );
    expect(await failure('metadata')).toMatchObject({ reason: 'EgressDenied' });
  });
});

describe('redirects', () => {
  it('are followed, and playlists are relative to where they lead', async () => {
    await ffmpeg(origin.directory, '-i', 'all.ts', '-c', 'copy', '-f', 'hls', '-hls_time', '2', 'list.m3u8');
    const other = await Origin.start();
    other.overrides.set('start', (_request, response) =>
      response.writeHead(307, { location: origin.url('list.m3u8') }).end(),
    );
    const ingress = await open(other.url('start'), watched({ headers: { authorization: 'Bearer secret' } }));
    const [only] = await readEverything(ingress);
    expect(await framesIn(only!.inputs[0]!)).toBe(100);
    expect(other.requests[0]!.headers.authorization).toBe('Bearer secret');
    expect(origin.requests.map(({ headers }) => headers.authorization)).toEqual(
      origin.requests.map(() => undefined),
    );
    await other.stop();
  });

  it('end somewhere', async () => {
    origin.overrides.set('round', (_request, response) =>
      response.writeHead(302, { location: '/round' }).end(),
    );
    expect(await failure('round')).toMatchObject({ reason: 'UpstreamError' });
    expect(origin.requests).toHaveLength(6);
  });

  it('to another scheme are refused', async () => {
    origin.overrides.set('file', (_request, response) =>
      response.writeHead(302, { location: 'file:///etc/hostname' }).end(),
    );
    expect(await failure('file')).toMatchObject({ reason: 'UnsupportedStream' });
  });
});

describe('slow origins', () => {
  const timeouts = { connect: 300, headers: 300, bodyIdle: 300 };
  const client = () => new HttpClient(origin.url(''), watched().options, timeouts);
  const signal = new AbortController().signal;

  it('are given up while they do not answer', async () => {
    origin.overrides.set('silent', () => {});
    const opening = client().open(origin.url('silent'), { what: 'segment', signal });
    await expect(opening).rejects.toMatchObject({
      reason: 'Unreachable',
      message: expect.stringMatching(/in time/),
    });
  });

  it('are given up when they stop in the middle', async () => {
    origin.overrides.set('stuck', (_request, response) => response.write('x'));
    const { chunks } = await client().open(origin.url('stuck'), { what: 'segment', signal });
    const read = async () => {
      for await (const _chunk of chunks);
    };
    await expect(read()).rejects.toMatchObject({
      reason: 'NoFrames',
      message: expect.stringMatching(/open but/),
    });
  });

  it('that speak no HTTP are told so', async () => {
    const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    expect(await failure(`http://127.0.0.1:${port}/`)).toMatchObject({ reason: 'Unreachable' });
    server.close();
  });
});

it('reads what an origin compressed without being asked', async () => {
  const { gzipSync } = await import('node:zlib');
  origin.overrides.set('packed.m3u8', (_request, response) =>
    response
      .setHeader('content-encoding', 'gzip')
      .end(gzipSync('#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nall.ts\n#EXT-X-ENDLIST\n')),
  );
  const [only] = await readEverything(await open(origin.url('packed.m3u8'), watched()));
  expect(await framesIn(only!.inputs[0]!)).toBe(100);
});
