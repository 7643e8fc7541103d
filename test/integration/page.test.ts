import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PageBrowser } from './page-browser.ts';
import { PageShard } from './page-shard.ts';

let browser: PageBrowser;
let shard: PageShard;

const open = (hash = '', options: BrowserContextOptions = {}): Promise<Page> =>
  browser.open(shard.url + hash, options);
const tile = (page: Page, stream: string) => page.locator('.tile', { hasText: stream });
const names = (page: Page) => page.locator('.tile .name').allTextContents();
const focusedName = (page: Page) => page.locator('.tile:focus .name').textContent();

beforeAll(async () => {
  browser = await PageBrowser.launch();
});

afterAll(() => browser?.close());

beforeEach(async () => {
  shard = new PageShard();
  await shard.start();
});

afterEach(async () => {
  await browser.closePages();
  await shard.close();
});

describe('page', () => {
  it('has a tile with picture and state for each stream, in the order of numbers', async () => {
    for (const stream of ['channel-10', 'channel-2', 'channel-1']) shard.add(stream);
    const page = await open();
    await tile(page, 'channel-1').first().waitFor();
    expect(await names(page)).toEqual(['channel-1', 'channel-2', 'channel-10']);
    const image = tile(page, 'channel-2').locator('img');
    await image.waitFor();
    expect(await image.evaluate((element: HTMLImageElement) => element.naturalWidth)).toBe(160);
    expect(await tile(page, 'channel-2').textContent()).toContain('Good');
    shard.remove('channel-2');
    await tile(page, 'channel-2').waitFor({ state: 'detached' });
    expect(browser.complaints).toEqual([]);
  });

  it('shows an incident within two seconds of its opening, and its end', async () => {
    for (const stream of ['channel-1', 'channel-2']) shard.add(stream);
    const page = await open();
    await tile(page, 'channel-2').waitFor();
    const opened = Date.now();
    const incident = await shard.freeze('channel-2', 'a');
    await page.locator('.tile.critical', { hasText: 'channel-2' }).waitFor();
    expect(Date.now() - opened).toBeLessThan(2000);
    expect(await names(page)).toEqual(['channel-2', 'channel-1']);
    expect(await tile(page, 'channel-2').textContent()).toMatch(/Critical.*Frozen picture/s);
    expect(await tile(page, 'channel-2').locator('.timeline .critical').count()).toBe(1);
    expect(await page.title()).toBe('(1) StreamMonitor');
    expect(await page.locator('[role=status]').textContent()).toContain('channel-2: Frozen picture');

    const endTime = new Date().toISOString();
    const closed = {
      ...incident,
      revision: 2,
      state: 'closed',
      end: 13,
      endTime,
      closeReason: 'recovered',
    } as const;
    shard.say('channel-2', { type: 'incident', change: 'closed', incident: closed });
    await page.locator('.tile.good', { hasText: 'channel-2' }).waitFor();
    expect(await tile(page, 'channel-2').textContent()).toContain('Last incident ended');
    expect(await page.title()).toBe('StreamMonitor');
    expect(browser.complaints).toEqual([]);
  });

  it('shows a stream with scores, what cannot be told, and evidence that can be enlarged', async () => {
    shard.add('channel-1');
    shard.say('channel-1', { type: 'scores', scores: { freeze: 0.97, black: 0.25 } });
    shard.say('channel-1', { type: 'unknown', detector: 'av-sync', reason: 'no sync marker was seen' });
    const incident = await shard.freeze('channel-1', 'a');
    const switched = { name: 'switch', at: new Date().toISOString() };
    const actions = [
      { ...switched, outcome: 'delivered', status: 200, result: 'on backup' } as const,
      { ...switched, name: 'call', outcome: 'failed', status: 404 } as const,
    ];
    shard.say('channel-1', {
      ...{ type: 'incident', change: 'updated' },
      incident: { ...incident, revision: 2, actions },
    });
    const page = await open();
    await tile(page, 'channel-1').click();
    await page.locator('h2', { hasText: 'channel-1' }).waitFor();
    expect(page.url()).toMatch(/#\/stream\/live\/sports\/channel-1$/);
    const detector = (title: string) => page.locator('.detector', { hasText: title });
    expect(await detector('Frozen picture').textContent()).toContain('0.97');
    expect(await detector('Black picture').textContent()).toContain('0.25');
    expect(await detector('Audio out of sync').textContent()).toContain(
      'Cannot tell: no sync marker was seen',
    );
    expect(await page.locator('.facts').textContent()).toContain('640×360, 25 fps, h264');

    const evidence = page.locator('.incident .evidence img');
    await evidence.waitFor();
    await expect
      .poll(() => evidence.evaluate((element: HTMLImageElement) => element.naturalWidth))
      .toBeGreaterThan(160);
    const action = (name: string) => page.locator(`.incident [data-action=${name}]`).textContent();
    expect(await action('switch')).toMatch(/action switch at .*: taken · HTTP 200 · on backup/);
    expect(await action('call')).toMatch(/action call at .*: refused by its receiver · HTTP 404/);
    await page.locator('.incident .evidence').click();
    await page.locator('dialog[open] img').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.locator('a', { hasText: 'All streams' }).click();
    await tile(page, 'channel-1').waitFor();
    expect(browser.complaints).toEqual([]);
  });

  it('is guarded by its policy: what is smuggled in does not run', async () => {
    const page = await open();
    await page.locator('.empty').waitFor();
    expect(browser.complaints).toEqual([]);
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.append('window.smuggled = true');
      document.body.append(script);
      const image = document.createElement('img');
      image.src = 'http://127.0.0.2:9/beacon.png';
      document.body.append(image);
    });
    await expect
      .poll(() => browser.complaints.join())
      .toMatch(/policy: require-trusted-types-for.*policy: img-src/s);
    expect(await page.evaluate(() => 'smuggled' in window)).toBe(false);
  });

  it('filters by state and text, and keeps the view in the URL', async () => {
    for (const stream of ['news', 'sports', 'film']) shard.add(stream);
    await shard.freeze('sports', 'a');
    shard.say('film', {
      type: 'state',
      state: {
        phase: 'Down',
        reason: 'NotFound',
        message: 'the origin answers <img src=x onerror=alert(1)> (HTTP 404)',
        since: new Date().toISOString(),
      },
    });
    const page = await open();
    await page.locator('.filter', { hasText: 'Critical' }).click();
    await expect.poll(() => names(page)).toEqual(['sports']);
    await page.locator('.filter', { hasText: 'Down' }).click();
    await expect.poll(() => names(page)).toEqual(['film']);
    expect(await tile(page, 'film').textContent()).toContain('The origin answers <img src=x');
    await page.reload();
    await expect.poll(() => names(page)).toEqual(['film']);
    await page.locator('.filter', { hasText: 'All' }).click();
    await page.locator('#search').fill('freeze live');
    await expect.poll(() => names(page)).toEqual(['sports']);
    await page.locator('#search').fill('nothing such');
    await page.locator('button', { hasText: 'Show all streams' }).click();
    await expect.poll(() => names(page)).toEqual(['film', 'sports', 'news']);
    await page.locator('select[aria-label=Order]').selectOption('name');
    await expect.poll(() => names(page)).toEqual(['film', 'news', 'sports']);
    expect(browser.complaints).toEqual([]);
  });

  it('is used with the keyboard alone', async () => {
    for (let index = 1; index <= 9; index++) shard.add(`channel-${index}`);
    const page = await open();
    await tile(page, 'channel-9').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('channel-5');
    await expect.poll(() => names(page)).toEqual(['channel-5']);
    await page.keyboard.press('Escape');
    await expect.poll(async () => (await names(page)).length).toBe(9);
    await tile(page, 'channel-1').focus();
    await page.keyboard.press('ArrowRight');
    expect(await focusedName(page)).toBe('channel-2');
    const columns = await page.locator('.wall').evaluate((wall) => {
      return getComputedStyle(wall).gridTemplateColumns.split(' ').length;
    });
    await page.keyboard.press('ArrowDown');
    expect(await focusedName(page)).toBe(`channel-${2 + columns}`);
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.locator('h2:focus', { hasText: 'channel-9' }).waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.locator('h2:focus', { hasText: 'channel-8' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => focusedName(page)).toBe('channel-8');
    expect(browser.complaints).toEqual([]);
  });

  it('says when the monitor is away, and goes on when it is back', async () => {
    shard.add('channel-1');
    const page = await open();
    await tile(page, 'channel-1').waitFor();
    expect(browser.complaints).toEqual([]);
    await shard.stop();
    await page.locator('[role=alert]', { hasText: 'Connection lost' }).waitFor({ timeout: 5000 });
    expect(await tile(page, 'channel-1').count()).toBe(1);
    await shard.start();
    await page.locator('[role=alert]').waitFor({ state: 'detached' });
  });

  it('asks nothing while it is hidden', async () => {
    shard.add('channel-1');
    const page = await open();
    await tile(page, 'channel-1').waitFor();
    const hide = (hidden: boolean) =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { get: () => value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await hide(true);
    await page.waitForTimeout(500);
    let requests = 0;
    page.on('request', (request) => {
      if (request.url().includes('/api/tiles')) requests++;
    });
    await page.waitForTimeout(2500);
    expect(requests).toBe(0);
    await hide(false);
    await expect.poll(() => requests, { timeout: 5000 }).toBeGreaterThan(1);
  });

  it('keeps 300 tiles as they are while their streams go on', async () => {
    const streams = Array.from({ length: 300 }, (_, index) => `channel-${index + 1}`);
    for (const stream of streams) shard.add(stream);
    const page = await open();
    await expect.poll(async () => (await names(page)).length, { timeout: 15_000 }).toBe(300);
    await page.evaluate(() => {
      for (const element of document.querySelectorAll('.tile')) element.setAttribute('data-before', '');
    });
    for (const stream of streams) shard.say(stream, { type: 'scores', scores: { freeze: 0.2 } });
    await shard.freeze('channel-250', 'a');
    await expect.poll(async () => (await names(page))[0]).toBe('channel-250');
    expect(await page.locator('.tile[data-before]').count()).toBe(300);
    // Pictures out of sight are not fetched.
    expect(await page.locator('.tile img').count()).toBeLessThan(100);
    expect(browser.complaints).toEqual([]);
  });

  it.each(['dark', 'light'] as const)('fits a phone in the %s scheme', async (colorScheme) => {
    shard.add('channel-with-a-name-that-is-longer-than-any-phone-is-wide-in-portrait');
    await shard.freeze('channel-with-a-name-that-is-longer-than-any-phone-is-wide-in-portrait', 'a');
    const page = await open('', { viewport: { width: 360, height: 740 }, colorScheme, hasTouch: true });
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    await page.locator('.tile').waitFor();
    expect(await width()).toBe(360);
    await page.locator('.tile').click();
    await page.locator('.incident').waitFor();
    expect(await width()).toBe(360);
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(ground).toBe(colorScheme === 'dark' ? 'rgb(11, 15, 21)' : 'rgb(243, 245, 248)');
    expect(browser.complaints).toEqual([]);
  });
});
