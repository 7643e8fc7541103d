import { setTimeout as sleep } from 'node:timers/promises';
import Fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { pageRoutes } from '../../../crds/page-api.ts';
import { createPageServer } from '../../../crds/page-server.ts';
import { WallState } from '../../../monitor/server/wall-state.ts';
import { shardPageRoutes } from '../../../operator/server/shard-page-routes.ts';
import type { WallShard } from '../../../operator/server/shard-wall.ts';
import { ShardClient } from '../../../operator/shards/shard-client.ts';

const started: FastifyInstance[] = [];
const clients: ShardClient[] = [];
let shards: WallShard[];
let operator: FastifyInstance;

beforeEach(async () => {
  shards = [];
  operator = await createPageServer(new Map(), pino({ level: 'silent' }));
  shardPageRoutes(operator, () => shards, 'north');
});

afterEach(async () => {
  await operator.close();
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await Promise.all(started.splice(0).map((server) => server.close()));
});

/** A shard's HTTP side; how it answers is up to `answer`. */
async function shard(
  key: string,
  routes: Readonly<Record<string, () => unknown>>,
  namespace = 'live',
): Promise<void> {
  const server = Fastify({ forceCloseConnections: true });
  for (const [path, answer] of Object.entries(routes)) server.get(path, async () => answer());
  const origin = await server.listen({ host: '127.0.0.1', port: 0 });
  const client = new ShardClient({ origin });
  started.push(server);
  clients.push(client);
  shards.push({ key, namespace, client, placements: [{ monitor: `${namespace}/sports`, name: key }] });
}

function wallWith(stream: string, namespace = 'live'): WallState {
  const wall = new WallState();
  wall.addStream({ namespace, monitor: 'sports', stream }, [], Date.now());
  return wall;
}

const tilesOf = async (cursor?: string) =>
  (await operator.inject(`${pageRoutes.tiles}${cursor === undefined ? '' : `?since=${cursor}`}`)).json();

it('shows what answers at once, whatever dead, slow and lying shards do', async () => {
  const wall = wallWith('a');
  await shard('a', { [pageRoutes.tiles]: () => wall.tiles(Date.now(), undefined) });
  await shard('hanging', { [pageRoutes.tiles]: () => sleep(60_000, undefined, { ref: false }) });
  await shard('garbage', { [pageRoutes.tiles]: () => ({ tiles: [{ name: 'x' }] }) });
  const foreign = wallWith('stolen', 'other');
  await shard('lying', { [pageRoutes.tiles]: () => foreign.tiles(Date.now(), undefined) });
  shards.push({
    key: 'homeless',
    namespace: 'live',
    placements: [{ monitor: 'live/sports', name: 'homeless' }],
  });

  const before = performance.now();
  const first = await tilesOf();
  expect(performance.now() - before).toBeLessThan(1_800);
  expect(first).toMatchObject({ region: 'north', complete: true });
  const told = (tiles: { name: string; message: string }[]) =>
    Object.fromEntries(tiles.map(({ name, message }) => [name, message]));
  expect(told(first.tiles)).toEqual({
    a: 'the source is being opened',
    ...Object.fromEntries(
      ['garbage', 'hanging', 'homeless', 'lying'].map((name) => [
        name,
        'the process that watches this stream does not answer yet',
      ]),
    ),
  });
  const again = performance.now();
  expect(await tilesOf(first.cursor)).toMatchObject({ complete: false, removed: [] });
  expect(performance.now() - again).toBeLessThan(300);
});

it('fetches one stream, incident or picture from the shard that has it', async () => {
  const wall = wallWith('a');
  const detail = () => wall.stream({ namespace: 'live', monitor: 'sports', stream: 'a' }, Date.now());
  await shard('a', {
    [`${pageRoutes.streams}/live/sports/a`]: detail,
    [`${pageRoutes.incidents}/1-a`]: () => ({ time: 't', incident: { id: '1-a' } }),
    '/report': () => 'not for everybody',
  });
  await shard('b', {});
  const get = async (path: string) => operator.inject(path);
  expect((await get(`${pageRoutes.streams}/live/sports/a`)).json()).toMatchObject({ name: 'a', curves: {} });
  expect((await get(`${pageRoutes.streams}/live/sports/none`)).statusCode).toBe(404);
  expect((await get(`${pageRoutes.incidents}/1-a`)).json()).toMatchObject({ incident: { id: '1-a' } });
  expect((await get(`${pageRoutes.incidents}/2`)).statusCode).toBe(404);
  // Nothing but the page API is reached through it, and pictures are pictures.
  for (const path of ['/report', '/api/thumbnails/../../report', '/api/thumbnails/%2e%2e/%2e%2e/report']) {
    expect((await get(path)).statusCode).toBeGreaterThanOrEqual(400);
  }
  await started[0]!.close();
  expect((await get(`${pageRoutes.streams}/live/sports/a`)).statusCode).toBe(503);
  expect((await get(`${pageRoutes.incidents}/1-a`)).statusCode).toBe(503);
});
