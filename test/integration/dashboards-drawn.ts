import { afterAll, beforeAll, expect, test } from 'vitest';
import { dashboards } from '../../charts/dashboards/dashboard-files.ts';
import { DashboardBrowser } from '../../docs/build/dashboards/dashboard-browser.ts';
import { dashboardDocument } from '../../docs/build/dashboards/dashboard-html.ts';
import type { PrometheusServer } from './prometheus-server.ts';
import { eventually } from './run-process.ts';

/**
 * Tests that every panel of every dashboard is drawn in Chromium with what its queries answer, and none is empty.
 * @param prometheus that has data for each of them
 */
export function drawsEverything(prometheus: () => PrometheusServer): void {
  let browser: DashboardBrowser;
  beforeAll(async () => {
    browser = await DashboardBrowser.launch();
  });
  afterAll(() => browser?.close());

  test.each(Object.entries(dashboards))(
    'the dashboard %s is drawn, no panel empty',
    async (name, dashboard) => {
      let empty: readonly string[] = [];
      const html = await eventually(`data in every panel of ${name}`, async () => {
        const asked = { end: Date.now() / 1000, seconds: 120, step: 1, rateInterval: '20s' };
        const document = await dashboardDocument(prometheus(), dashboard, asked);
        empty = document.emptyPanels;
        return empty.length === 0 && document.html;
      }).catch((error: Error) => {
        throw new Error(`${error.message}: none in ${empty.join(', ')}`);
      });
      const picture = await browser.picture(html);
      expect(picture.subarray(1, 4).toString()).toBe('PNG');
    },
  );
}
