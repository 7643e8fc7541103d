import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const executablePath = '/usr/bin/chromium';
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Chromium, and what it complained about in the pages that were opened. */
export class PageBrowser {
  readonly #browser: Browser;
  /** Console errors, uncaught errors, violations of the security policy. */
  complaints: string[] = [];

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(): Promise<PageBrowser> {
    const browser = await chromium.launch({ executablePath, args }).catch((error: unknown) => {
      throw new Error(`Chromium does not start from ${executablePath}; \`make test\` installs it`, {
        cause: error,
      });
    });
    return new PageBrowser(browser);
  }

  async open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
        console.error(`policy: ${violatedDirective} ${blockedURI}`),
      );
    });
    await page.goto(url);
    return page;
  }

  /**
   * What axe-core finds wrong with a page by WCAG 2.2 AA and its best practices, as `rule: element`. It runs beside
   * the page's own scripts, so that the security policy stays in force.
   */
  async barriers(page: Page): Promise<string[]> {
    const session = await page.context().newCDPSession(page);
    const { frameTree } = await session.send('Page.getFrameTree');
    const { executionContextId } = await session.send('Page.createIsolatedWorld', {
      frameId: frameTree.frame.id,
    });
    const evaluate = async (expression: string) =>
      (
        await session.send('Runtime.evaluate', {
          expression,
          contextId: executionContextId,
          awaitPromise: true,
          returnByValue: true,
        })
      ).result.value;
    await evaluate(readFileSync(axePath, 'utf8'));
    const found = (await evaluate(
      `axe.run(document).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => id + ': ' + target.join(' ') + ' ' + failureSummary)))`,
    )) as string[] | undefined;
    if (!found) throw new Error('axe-core did not run');
    await session.detach();
    return found;
  }

  /** CPU milliseconds of the page's longest main-thread task while something is done: what else runs here does not count. */
  async longestTask(page: Page, doing: () => Promise<unknown>): Promise<number> {
    await this.#browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline'] });
    const pid = await mainThread(page, doing);
    const { traceEvents } = JSON.parse((await this.#browser.stopTracing()).toString()) as {
      traceEvents: readonly TraceEvent[];
    };
    const ours = traceEvents.find(
      ({ name, args: told }) => name === 'TimeStamp' && told?.data?.message === pid,
    );
    if (!ours) throw new Error('the trace does not hold the page');
    const tasks = traceEvents.filter(
      (event) => event.name === 'RunTask' && event.pid === ours.pid && event.tid === ours.tid,
    );
    if (tasks.length === 0) throw new Error('the trace holds no task of the page');
    return Math.max(...tasks.map(({ tdur, dur }) => tdur ?? dur ?? 0)) / 1000;
  }

  async closePages(): Promise<void> {
    for (const context of this.#browser.contexts()) await context.close();
    this.complaints = [];
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds that it lasted and, where they were measured, of CPU. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly data?: { readonly message?: string } };
}

/** Leaves a mark in the trace by which the page's thread is known. */
async function mainThread(page: Page, doing: () => Promise<unknown>): Promise<string> {
  const mark = `page-${Math.random()}`;
  await page.evaluate((name) => console.timeStamp(name), mark);
  await doing();
  return mark;
}
