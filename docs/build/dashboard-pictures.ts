import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { dashboards } from '../../charts/dashboards/dashboard-files.ts';
import { DashboardBrowser } from './dashboards/dashboard-browser.ts';
import { dashboardDocument } from './dashboards/dashboard-html.ts';
import { playScene } from './dashboards/scene.ts';

/**
 * Makes the pictures of the dashboards anew: every panel with the answers of its own queries, from a Prometheus that
 * scraped a run with defects and an operator.
 */
const folder = fileURLToPath(new URL('../pictures/', import.meta.url));
/** Of the demo's schedule. */
const seconds = 180;
/** The stream with a marker of its sync, lost packets and late sound. */
const choices: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  stream: { monitor: 'sports', stream: 'road-udp' },
};

const scene = await playScene(seconds);
const browser = await DashboardBrowser.launch();
const end = Math.floor(Date.now() / 1000);
try {
  for (const [name, dashboard] of Object.entries(dashboards)) {
    const asked = { end, seconds: scene.seconds, step: 1, rateInterval: '10s', choices: choices[name] ?? {} };
    const { html, emptyPanels } = await dashboardDocument(scene.prometheus, dashboard, asked);
    const file = join(folder, `dashboard-${name}.png`);
    const image = sharp(await browser.picture(html)).png({ palette: true, colours: 96, effort: 10 });
    const { size } = await image.toFile(file);
    const empty = emptyPanels.length > 0 ? `, empty: ${emptyPanels.join(', ')}` : '';
    console.log(`docs/pictures/dashboard-${name}.png, ${Math.round(size / 1000)} kB${empty}`);
  }
} finally {
  await browser.close();
  await scene.stop();
}
process.exit();
