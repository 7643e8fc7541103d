import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadPageAssets } from '../../../crds/page-assets.ts';
import type { PlannedShard } from '../../../operator/planner/shard-state.ts';
import { poolServer } from '../../../operator/server/pool-server.ts';
import { placement, plannedShard } from '../planner/placements.ts';

const assets = loadPageAssets();
let shards: readonly PlannedShard[] | undefined;
let server: Awaited<ReturnType<typeof poolServer>>;

beforeEach(async () => {
  shards = undefined;
  const pool = () => ({ clients: new Map(), shards, figures: { restarts: 0, shed: 2 } });
  server = await poolServer(pool, assets, pino({ level: 'silent' }));
});

afterEach(() => server.close());

it('is ready once there is a plan and every shard is ready', async () => {
  expect((await server.inject('/readyz')).statusCode).toBe(503);
  shards = [];
  expect((await server.inject('/readyz')).statusCode).toBe(200);
});

it('shows streams whose shard does not answer, and what is left out', async () => {
  shards = [plannedShard(placement('channel-1'))];
  const { streams } = (await server.inject('/api/wall')).json();
  expect(streams).toMatchObject([{ name: 'channel-1', phase: 'Starting' }]);
  expect((await server.inject('/metrics')).body).toContain('streammonitor_streams_shed 2');
  expect((await server.inject('/api/thumbnails/live/sports/channel-1.jpg')).statusCode).toBe(404);
});

it('serves the page as a shard does: the same files, policy and refusals', async () => {
  const page = await server.inject('/');
  expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  const headers = { 'if-none-match': String(page.headers.etag) };
  expect((await server.inject({ url: '/', headers })).statusCode).toBe(304);
  expect((await server.inject({ method: 'POST', url: '/api/wall' })).statusCode).toBe(405);
});
