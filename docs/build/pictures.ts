import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core';
import sharp from 'sharp';
import { stringify } from 'yaml';
import { type PageTile, pageRoutes, type TileChanges } from '../../crds/page-api.ts';
import { startDemoSenders } from '../../test/demo/senders.ts';
import { freeTcpPort } from '../../test/integration/senders/free-port.ts';

/**
 * Makes the pictures of the page anew, from a real run that watches the live streams of the demo: the same media with
 * the same defects at the same seconds, pictured when the same ones are open. Only times of day differ.
 */
const streammonitor = fileURLToPath(new URL('../../bin/streammonitor', import.meta.url));
const folder = fileURLToPath(new URL('../pictures/', import.meta.url));
/** Length of the demo's schedule, in seconds. */
const seconds = 120;
const wide = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

/** The black picture comes after the freeze, the silence and the lost packets, while sound is late elsewhere. */
const isDue = (tiles: readonly PageTile[]) =>
  tiles.some(({ name, incidents }) => name === 'cartoon-hls' && has(incidents, 'black', 'open')) &&
  tiles.some(({ name, incidents }) => name === 'road-udp' && has(incidents, 'av-sync', 'open'));
const isFrozen = ({ detector, state }: PageTile['incidents'][number]) =>
  detector === 'freeze' && state === 'closed';

const directory = mkdtempSync(join(tmpdir(), 'streammonitor-pictures-'));
const media = join(directory, 'hls');
mkdirSync(media);
mkdirSync(folder, { recursive: true });
const senders = await startDemoSenders({ directory: media, seconds });
const port = await freeTcpPort();
const url = `http://127.0.0.1:${port}/`;
const run = startRun();
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  const tiles = await eventually(isDue);
  const stream = '#/stream/default/demo/cartoon-hls';
  const frozen = tiles.flatMap(({ incidents }) => incidents).find(isFrozen);
  await picture('wall-dark', '', { colorScheme: 'dark', viewport: wide });
  await picture('stream-dark', stream, { colorScheme: 'dark', viewport: wide });
  await picture('wall-light', '', { colorScheme: 'light', viewport: wide });
  await picture('wall-phone', '', { colorScheme: 'light', viewport: phone });
  await picture('stream-phone', stream, { colorScheme: 'dark', viewport: phone });
  await picture('stream-light', stream, { colorScheme: 'light', viewport: wide });
  if (frozen) {
    await picture('incident-light', `#/incident/${frozen.id}`, { colorScheme: 'light', viewport: wide });
    await picture('incident-dark', `#/incident/${frozen.id}`, { colorScheme: 'dark', viewport: wide });
  }
} finally {
  await browser.close();
  run.kill('SIGTERM');
  await new Promise((settle) => run.once('exit', settle));
  await senders.stop();
  rmSync(directory, { recursive: true, force: true });
}
process.exit();

function startRun() {
  const file = join(directory, 'streams.yaml');
  const object = {
    apiVersion: 'streammonitor.dev/v1alpha1',
    kind: 'StreamMonitor',
    metadata: { name: 'demo' },
    spec: { streams: senders.streams },
  };
  writeFileSync(file, stringify(object));
  const args = ['run', '-f', file, '--listen', `127.0.0.1:${port}`, '--log-level', 'error'];
  return spawn(streammonitor, [...args, '--state', join(directory, 'state')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function eventually(holds: (tiles: readonly PageTile[]) => boolean): Promise<readonly PageTile[]> {
  const end = Date.now() + (seconds + 30) * 1000;
  while (Date.now() < end) {
    const answer = await fetch(`${url.replace(/\/$/, '')}${pageRoutes.tiles}`).catch(() => undefined);
    const tiles = answer?.ok ? ((await answer.json()) as TileChanges).tiles : [];
    if (holds(tiles)) return tiles;
    await sleep(250);
  }
  throw new Error('the defects of the demo were not found: is the machine too slow for its four streams?');
}

function has(incidents: PageTile['incidents'], detector: string, state: 'open' | 'closed'): boolean {
  return incidents.some((incident) => incident.detector === detector && incident.state === state);
}

async function picture(name: string, hash: string, options: BrowserContextOptions): Promise<void> {
  const context = await (browser as Browser).newContext(options);
  const page = await context.newPage();
  await page.goto(url + hash);
  await page.locator('.tile img, .detector canvas, .evidence-large img').first().waitFor();
  // Pictures are decoded before they are shown, and curves drawn with the next second.
  await sleep(1500);
  if (hash.startsWith('#/stream')) {
    // Pictures further down are fetched when they come into sight.
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width: options.viewport?.width ?? wide.width, height });
    await sleep(1500);
  }
  const image = sharp(await page.screenshot()).png({
    palette: true,
    quality: 85,
    effort: 10,
  });
  await image.toFile(join(folder, `${name}.png`));
  await context.close();
  console.log(`docs/pictures/${name}.png`);
}
