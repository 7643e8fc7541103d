import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import type { Page } from 'playwright-core';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Incident } from '../../crds/incident.ts';
import { operatorServer } from '../../operator/server/operator-server.ts';
import type { WallShard } from '../../operator/server/shard-wall.ts';
import { ShardClient } from '../../operator/shards/shard-client.ts';
import { PageBrowser } from './page-browser.ts';
import { PageShard } from './page-shard.ts';

const schemes = ['dark', 'light'] as const;

let browser: PageBrowser;
let shards: PageShard[];
let operator: FastifyInstance | undefined;

beforeAll(async () => {
  browser = await PageBrowser.launch();
});
afterAll(() => browser?.close());

beforeEach(() => {
  shards = [];
});

afterEach(async () => {
  await browser.closePages();
  await operator?.close();
  operator = undefined;
  await Promise.all(shards.map((shard) => shard.close()));
});

async function startShard(): Promise<PageShard> {
  const shard = new PageShard();
  await shard.start();
  shards.push(shard);
  return shard;
}

/** The operator's real server, in front of all shards that were started. */
async function startOperator(): Promise<string> {
  const onWall = shards.map((shard, index): WallShard => {
    const client = new ShardClient({ origin: shard.url.replace(/\/$/, '') });
    onTestFinished(() => client.close());
    const placements = () => shard.streams.map((name) => ({ monitor: 'live/sports', name }));
    return { key: `live/shard-${index}`, namespace: 'live', client, placements: placements() };
  });
  operator = await operatorServer({
    metrics: new Registry(),
    unhealthy: () => undefined,
    notReady: () => undefined,
    shards: () => onWall,
    region: 'north',
    logger: pino({ level: 'silent' }),
  });
  return `${await operator.listen({ host: '127.0.0.1', port: 0 })}/`;
}

/** Minutes of a stream with all that a page can show: scores, sound, a gap, an open and a closed incident. */
async function eventful(shard: PageShard, stream: string): Promise<{ open: Incident; closed: Incident }> {
  shard.add(stream);
  const now = Date.now();
  for (let ago = 120; ago >= 0; ago--) {
    const at = now - ago * 1000;
    shard.say(
      stream,
      { type: 'scores', scores: { freeze: ago < 8 ? 0.97 : 0.1, black: 0.2, silence: 0.05 } },
      at,
    );
    const value = -23 + Math.sin(ago / 9) * 4;
    for (const window of ['momentary', 'short-term'] as const) {
      shard.say(stream, { type: 'measurement', measurement: { name: 'loudness_lufs', window, value } }, at);
    }
  }
  const channels = [
    { name: 'FL', peak: -6.5, rms: -21 },
    { name: 'FR', peak: -99, rms: -99 },
  ];
  shard.say(stream, { type: 'sound', channels });
  shard.say(stream, { type: 'unknown', detector: 'av-sync', reason: 'no sync marker was seen' });
  const down = { phase: 'Down', reason: 'NotFound', message: 'the origin answers HTTP 404' } as const;
  const up = { phase: 'Up', reason: 'Receiving', message: 'frames or sound arrive' } as const;
  const iso = (ago: number) => new Date(now - ago * 1000).toISOString();
  shard.say(stream, { type: 'state', state: { ...down, since: iso(90) } }, now - 90_000);
  shard.say(stream, { type: 'state', state: { ...up, since: iso(60) } }, now - 60_000);
  const first = await shard.freeze(stream, randomUUID(), 50);
  const closed: Incident = {
    ...{ ...first, revision: 2, state: 'closed', end: 20, endTime: iso(40), closeReason: 'recovered' },
  };
  shard.say(stream, { type: 'incident', change: 'closed', incident: closed });
  return { closed, open: await shard.freeze(stream, randomUUID(), 8) };
}

const ink = (page: Page, selector: string) =>
  page
    .locator(selector)
    .first()
    .evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((_, index) => index % 4 === 3).some((alpha) => alpha > 0);
    });

describe('stream view', () => {
  it('draws scores against their thresholds, sound, and says why it was blind', async () => {
    const shard = await startShard();
    await eventful(shard, 'channel-1');
    const page = await browser.open(`${shard.url}#/stream/live/sports/channel-1`);
    const freeze = page.locator('.detector', { hasText: 'Frozen picture' });
    await freeze.locator('canvas').waitFor();
    await expect.poll(() => ink(page, '.detector .chart canvas')).toBe(true);
    expect(await freeze.locator('[role=img]').getAttribute('aria-label')).toBe(
      'score 0.97, highest in the last five minutes 0.97, a defect from 0.5, over below 0.5',
    );
    expect(await page.locator('.detector', { hasText: 'Audio out of sync' }).textContent()).toContain(
      'Cannot tell: no sync marker was seen',
    );
    const meters = page.locator('.channel .meter');
    expect(await meters.first().getAttribute('aria-label')).toBe('FL: peak -6.5 dBFS, mean -21.0 dBFS');
    expect(await meters.last().getAttribute('aria-label')).toBe('FR: silent');
    expect(await page.locator('.loudness').textContent()).toContain('Short-term');
    expect(await page.locator('.gaps').textContent()).toMatch(
      /30 s.*The origin has no such resource .*check the path NotFound/s,
    );
    expect(await page.locator('.incident').count()).toBe(2);
    expect(browser.complaints).toEqual([]);
  });
});

describe('incident view', () => {
  it('is reached by a link that works after the incident closed, its stream went and the shard restarted', async () => {
    const shard = await startShard();
    const { closed } = await eventful(shard, 'channel-1');
    const page = await browser.open(`${shard.url}#/stream/live/sports/channel-1`);
    await page.locator(`[data-incident="${closed.id}"] .incident-link`).click();
    await page.locator('h2:focus', { hasText: 'Frozen picture' }).waitFor();
    const link = page.url();
    expect(link).toBe(`${shard.url}#/incident/${closed.id}`);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.locator('button', { hasText: 'Copy link' }).click();
    await page.locator('button', { hasText: 'Link copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link);

    shard.remove('channel-1');
    await shard.restart();
    const again = await browser.open(link);
    await again.locator('.evidence-large img').waitFor();
    const picture = again.locator('.evidence-large img');
    await expect
      .poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth))
      .toBeGreaterThan(160);
    expect(await again.locator('.incident-alone').textContent()).toMatch(/Lasted\s+10 s.*recovered/s);
    expect(browser.complaints).toEqual([]);
    await again.goto(`${shard.url}#/incident/${randomUUID()}`);
    await again.locator('h2', { hasText: 'not kept here any more' }).waitFor();
  });
});

describe('every view', () => {
  it.each(schemes)(
    'has no barrier that axe-core knows in the %s scheme, wide and on a phone',
    async (colorScheme) => {
      const shard = await startShard();
      const { closed } = await eventful(shard, 'channel-1');
      shard.add('channel-2');
      shard.add('channel-3');
      const since = new Date().toISOString();
      const state = {
        phase: 'Down',
        reason: 'Unreachable',
        message: 'the host does not answer',
        since,
      } as const;
      shard.say('channel-3', { type: 'state', state });
      const page = await browser.open(shard.url, { colorScheme });
      const views = {
        '#/': '.tile.down',
        '#/stream/live/sports/channel-1': '.detector canvas',
        [`#/incident/${closed.id}`]: '.evidence-large img',
      };
      for (const [hash, shown] of Object.entries(views)) {
        await page.goto(shard.url + hash);
        for (const width of [1280, 360]) {
          await page.setViewportSize({ width, height: 800 });
          await page.locator(shown).first().waitFor();
          expect(await browser.barriers(page), `${hash} ${width}`).toEqual([]);
          expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
        }
      }
      expect(browser.complaints).toEqual([]);
    },
  );
});

describe('wall of a cluster', () => {
  it('shows the streams of all shards through the operator, and marks those of one that died', async () => {
    const [first, second] = [await startShard(), await startShard()];
    first.add('channel-1');
    const { open } = await eventful(second, 'channel-2');
    const page = await browser.open(await startOperator());
    await page.locator('.tile.critical', { hasText: 'channel-2' }).waitFor();
    await page.locator('.tile.good', { hasText: 'channel-1' }).waitFor();
    await page.locator('.tile img').first().waitFor();
    await page.locator('.tile.critical').click();
    await page.locator('.detector canvas').first().waitFor();
    await page.locator(`[data-incident="${open.id}"] .evidence img`).waitFor();
    await page.locator(`[data-incident="${open.id}"] .incident-link`).click();
    await page.locator('.evidence-large img').waitFor();
    await page.locator('a', { hasText: 'All streams' }).click();
    expect(browser.complaints).toEqual([]);
    await second.stop();
    await page.locator('.tile.unheard', { hasText: 'channel-2' }).waitFor();
    expect(await page.locator('.tile.unheard').textContent()).toContain('does not answer');
    expect(await page.locator('.tile.good').count()).toBe(1);
    expect(await page.locator('[role=alert]').count()).toBe(0);
  });

  it('draws the worst of many hundreds, and finds the others', async () => {
    const shard = await startShard();
    for (let index = 1; index <= 510; index++) shard.add(`channel-${index}`);
    await shard.freeze('channel-510', randomUUID());
    const page = await browser.open(shard.url);
    await expect.poll(() => page.locator('.tile').count()).toBe(500);
    expect(await page.locator('.tile .name').first().textContent()).toBe('channel-510');
    await page.locator('#search').fill('channel-509');
    await expect.poll(() => page.locator('.tile .name').allTextContents()).toEqual(['channel-509']);
    await page.locator('#search').fill('');
    await page.locator('button', { hasText: 'Show more' }).click();
    await expect.poll(() => page.locator('.tile').count()).toBe(510);
    expect(browser.complaints).toEqual([]);
  });

  it('updates 300 tiles of three shards without a long task', async () => {
    const streams = Array.from({ length: 300 }, (_, index) => `channel-${index + 1}`);
    for (let index = 0; index < 3; index++) await startShard();
    const shardOf = (index: number) => shards[index % 3]!;
    for (const [index, stream] of streams.entries()) shardOf(index).add(stream);
    const page = await browser.open(await startOperator());
    await expect.poll(() => page.locator('.tile').count(), { timeout: 15_000 }).toBe(300);
    await page.locator('.tile img').first().waitFor();
    const longest = await browser.longestTask(page, async () => {
      for (let second = 0; second < 5; second++) {
        for (const [index, stream] of streams.entries()) {
          shardOf(index).say(stream, { type: 'scores', scores: { freeze: 0.1 + second / 100, black: 0.2 } });
          // New pictures every two seconds, as streams give them.
          if (second % 2 === index % 2) shardOf(index).refresh(stream);
        }
        await shardOf(second).freeze(`channel-${second + 1}`, randomUUID());
        await sleep(1000);
      }
    });
    await expect.poll(() => page.locator('.tile.critical').count()).toBe(5);
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThan(50);
    expect(browser.complaints).toEqual([]);
  });
});
