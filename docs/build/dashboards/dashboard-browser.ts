import { readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { extname } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const address = 'http://dashboards.invalid/';
const resolved = createRequire(import.meta.url).resolve;
const packaged: Readonly<Record<string, string>> = {
  'uplot.js': resolved('uplot/dist/uPlot.esm.js'),
  'uplot.css': resolved('uplot/dist/uPlot.min.css'),
};
const contentTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.ts': 'text/javascript',
  '.css': 'text/css',
};

/** Chromium that draws dashboards; nothing goes over a network. */
export class DashboardBrowser {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(): Promise<DashboardBrowser> {
    const args = ['--no-sandbox', '--disable-gpu'];
    return new DashboardBrowser(await chromium.launch({ executablePath: '/usr/bin/chromium', args }));
  }

  /**
   * Draws a document of `dashboardDocument`.
   * @returns the whole of it as PNG
   * @throws Error with what the browser complained about
   */
  async picture(html: string, width = 1440): Promise<Buffer> {
    const context = await this.#browser.newContext({ viewport: { width, height: 800 } });
    try {
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      await page.route(`${address}**`, (route) => {
        const name = new URL(route.request().url()).pathname.slice(1);
        if (name === 'favicon.ico') return route.fulfill({ status: 204 });
        return route.fulfill(name === '' ? { contentType: 'text/html', body: html } : file(name));
      });
      await page.goto(address);
      await page
        .waitForFunction(() => document.documentElement.dataset.drawn, undefined, { timeout: 10_000 })
        .catch((error) => {
          throw new Error(`the dashboard is not drawn: ${complaints.join('; ')}`, { cause: error });
        });
      if (complaints.length > 0) throw new Error(complaints.join('; '));
      return await page.screenshot({ fullPage: true });
    } finally {
      await context.close();
    }
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}

function file(name: string) {
  const text = readFileSync(packaged[name] ?? new URL(name, import.meta.url), 'utf8');
  const body = name.endsWith('.ts') ? stripTypeScriptTypes(text) : text;
  return { contentType: contentTypes[extname(name)]!, body };
}
