import { pino } from 'pino';
import { AggregatorRegistry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shardApiVersion } from '../../../crds/assignment.ts';
import { detectorCatalogue } from '../../../crds/detector-catalogue.ts';
import { loadPageAssets } from '../../../crds/page-assets.ts';
import type { ShardReport } from '../../../crds/shard-report.ts';
import { ShardMetrics } from '../../../monitor/metrics/shard-metrics.ts';
import { createServer } from '../../../monitor/server/server.ts';
import type { StreamIdentity } from '../../../monitor/watch/watch-event.ts';

const report: ShardReport = {
  apiVersion: shardApiVersion,
  kind: 'ShardReport',
  shard: 'shard-0',
  bootId: 'b',
  generation: 3,
  time: '2026-01-01T00:00:00.000Z',
  startedAt: '2026-01-01T00:00:00.000Z',
  cpuSeconds: 1,
  memoryBytes: 2,
  spoolBytes: 0,
  dropped: { notifications: 0, results: 0 },
  streams: [],
};
const assets = loadPageAssets();
const jpeg = Buffer.from('a picture');
let asked: (string | StreamIdentity)[];
let notReady: string | undefined;
let log: string[];
let server: Awaited<ReturnType<typeof createServer>>;

beforeEach(async () => {
  asked = [];
  log = [];
  notReady = undefined;
  const metrics = new ShardMetrics({ detectors: Object.values(detectorCatalogue), version: '1.2.3' });
  server = await createServer({
    metrics: metrics.registry,
    report: () => report,
    wall: () => {
      if (notReady === 'broken') throw new Error('a secret detail');
      return { time: report.time, streams: [] };
    },
    tiles: () => ({ time: report.time, cursor: 'c.1', complete: true, tiles: [], removed: [] }),
    stream: () => undefined,
    incident: () => undefined,
    thumbnail: async (identity) => {
      asked.push(identity);
      return identity.stream === 'none' ? undefined : jpeg;
    },
    evidence: async (name) => {
      asked.push(name);
      return jpeg;
    },
    notReady: () => notReady,
    assets,
    logger: pino({ level: 'error' }, { write: (line: string) => log.push(line) }),
  });
});

afterEach(() => server.close());

describe('server', () => {
  it('answers probes, also when it is not ready', async () => {
    expect((await server.inject('/healthz')).json()).toEqual({ status: 'ok' });
    expect((await server.inject('/readyz')).statusCode).toBe(200);
    notReady = 'no assignment yet';
    const answer = await server.inject('/readyz');
    expect([answer.statusCode, answer.json()]).toEqual([503, { status: 'no assignment yet' }]);
  });

  it('gives metrics as text for Prometheus and as JSON for an aggregator', async () => {
    const text = await server.inject('/metrics');
    expect(text.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(text.body).toContain('streammonitor_build_info{version="1.2.3"');
    const json = (await server.inject('/metrics?format=json')).json<object[]>();
    const sum = await AggregatorRegistry.aggregate([json]).metrics();
    expect(sum).toContain('streammonitor_build_info{version="1.2.3"');
    expect((await server.inject('/metrics?format=xml')).statusCode).toBe(400);
  });

  it('gives the report and the wall, never from a cache', async () => {
    const answer = await server.inject('/report');
    expect(answer.json()).toEqual(report);
    expect(answer.headers['cache-control']).toBe('no-store');
    const wall = await server.inject('/api/wall');
    expect(wall.json()).toEqual({ time: report.time, streams: [] });
    expect(wall.headers['cache-control']).toBe('no-store');
  });

  it('gives pictures once: the second time the browser has them', async () => {
    const path = '/api/thumbnails/live/sports/channel-1@1080p.jpg?5xk';
    const first = await server.inject(path);
    expect([first.statusCode, first.headers['content-type'], first.rawPayload]).toEqual([
      200,
      'image/jpeg',
      jpeg,
    ]);
    expect(asked).toEqual([{ namespace: 'live', monitor: 'sports', stream: 'channel-1@1080p' }]);
    const headers = { 'if-none-match': String(first.headers.etag) };
    expect((await server.inject({ url: path, headers })).statusCode).toBe(304);
    expect((await server.inject('/api/thumbnails/live/sports/none.jpg')).statusCode).toBe(404);
    expect((await server.inject('/api/evidence/0b5a-1.jpg')).statusCode).toBe(200);
  });

  it.each([
    '/api/evidence/..%2f..%2fetc%2fpasswd',
    '/api/evidence/../../package.json',
    '/api/evidence/%2e%2e',
    '/api/evidence/.hidden.jpg',
    '/api/evidence/a.png',
    '/api/evidence/a%00.jpg',
    '/api/thumbnails/..%2f/sports/channel-1.jpg',
    '/api/thumbnails/live/sports/..%2fx.jpg',
    '/api/thumbnails/live/sports/-.jpg',
    '/../monitor/server/server.ts',
    '/server.ts',
    '/%2e%2e/package.json',
    '/vendor/',
  ])('refuses %s and asks nobody', async (path) => {
    const answer = await server.inject(path);
    expect([400, 404]).toContain(answer.statusCode);
    expect(asked).toEqual([]);
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH'] as const)('refuses %s', async (method) => {
    const answer = await server.inject({ method, url: '/api/wall' });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  it('keeps what went wrong to the log', async () => {
    notReady = 'broken';
    const answer = await server.inject('/api/wall');
    expect([answer.statusCode, answer.json()]).toEqual([500, { error: 'internal error' }]);
    expect(log.join()).toContain('/api/wall');
  });

  it('serves the page under a policy that allows nothing inline', async () => {
    const page = await server.inject('/');
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(page.headers['x-content-type-options']).toBe('nosniff');
    expect(page.body).not.toMatch(/<script>|<style|style=| on\w+=/);
    for (const [, path] of page.body.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect((await server.inject(`/${path}`)).statusCode, path).toBe(200);
    }
    const headers = { 'if-none-match': String(page.headers.etag) };
    expect((await server.inject({ url: '/', headers })).statusCode).toBe(304);
  });

  it('compresses what is large', async () => {
    const headers = { 'accept-encoding': 'gzip, br' };
    expect((await server.inject({ url: '/metrics', headers })).headers['content-encoding']).toBe('gzip');
  });
});

describe('page assets', () => {
  it('are modules that import only one another', () => {
    for (const [path, { contentType, body }] of assets) {
      if (!contentType.startsWith('text/javascript')) continue;
      for (const [, specifier] of body.toString().matchAll(/(?:\bfrom|\bimport)\s*["']([^"'\s]+)["']/g)) {
        const target = new URL(specifier!, `http://page${path}`).pathname;
        expect(assets.has(target), `${path} imports ${specifier}`).toBe(true);
      }
    }
  });
});
