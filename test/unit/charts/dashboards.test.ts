import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { describe, expect, it } from 'vitest';
import { dashboards } from '../../../charts/dashboards/dashboard-files.ts';
import { detectorCatalogue } from '../../../crds/detector-catalogue.ts';
import { durationSeconds } from '../../../crds/duration.ts';

const all = Object.entries(dashboards).map(([name, dashboard]) => ({ name, dashboard }));
const panels = all.flatMap(({ name, dashboard }) =>
  dashboard
    .panels!.filter((panel): panel is Panel => panel.type !== 'row')
    .map((panel) => ({ name, title: panel.title!, panel })),
);

describe('dashboards', () => {
  it('are those that are there', () => {
    expect(Object.keys(dashboards)).toEqual(['fleet', 'stream', 'detector', 'operator', 'cost']);
  });

  it.each(all)('$name has an address, choices and links to the others', ({ name, dashboard }) => {
    expect(dashboard.uid).toBe(`streammonitor-${name}`);
    expect(dashboard.tags).toEqual(['streammonitor']);
    expect(dashboard.links).toEqual([
      expect.objectContaining({
        type: 'dashboards',
        tags: ['streammonitor'],
        includeVars: true,
        keepTime: true,
      }),
    ]);
    const variables = dashboard.templating.list!.map((variable) => variable.name);
    expect(variables.slice(0, 3)).toEqual(['datasource', 'region', 'namespace']);
    expect(new Set(variables).size).toBe(variables.length);
  });

  it.each(all)('$name uses every choice that it offers, and no other', ({ dashboard }) => {
    const offered = dashboard.templating.list!.map((variable) => variable.name!);
    const text = JSON.stringify(dashboard.panels);
    const used = new Set([...text.matchAll(/\$(?:\{)?([a-z]+)\b/g)].map(([, name]) => name));
    expect([...used].filter((name) => !offered.includes(name!))).toEqual([]);
    expect(offered.filter((name) => !used.has(name))).toEqual([]);
  });

  it.each(all)(
    '$name has panels that neither overlap nor leave the grid, under headings',
    ({ dashboard }) => {
      const cells = new Set<string>();
      for (const { title, gridPos } of dashboard.panels!) {
        const { x, y, w, h } = gridPos!;
        expect(x + w, title).toBeLessThanOrEqual(24);
        for (let row = y; row < y + h; row++) {
          for (let column = x; column < x + w; column++) {
            expect(cells.has(`${row}/${column}`), title).toBe(false);
            cells.add(`${row}/${column}`);
          }
        }
      }
      expect(dashboard.panels![0]!.type).toBe('row');
      const ids = dashboard.panels!.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    },
  );
});

describe('panels', () => {
  it.each(panels)(
    '$name: $title says what it shows, in which unit, and when there is nothing',
    ({ panel }) => {
      const { unit, noValue } = panel.fieldConfig!.defaults;
      expect(panel.description).toMatch(/^[A-Z0-9].{10,}\.$/);
      expect(unit).toMatch(/^([a-zA-Z]+|suffix:\S+)$/);
      expect(noValue).toMatch(/^[A-Z].{5,}/);
      expect(panel.targets!.length).toBeGreaterThan(0);
      const targets = panel.targets as unknown as { refId: string; expr: string; legendFormat: string }[];
      for (const { expr, legendFormat } of targets) {
        expect(expr).not.toBe('');
        expect(legendFormat).not.toBe('');
      }
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    },
  );

  it('of sound against picture are good between the tolerances of the detector, early ones above zero', () => {
    const { toleranceEarly, toleranceLate } = detectorCatalogue['av-sync']!.parameters;
    const steps = [
      { value: null, color: 'orange' },
      { value: -durationSeconds(String(toleranceLate!.default)), color: 'green' },
      { value: durationSeconds(String(toleranceEarly!.default)), color: 'orange' },
    ];
    const shown = panels.filter(({ title }) => title === 'Sound against picture');
    expect(shown.map(({ panel }) => panel.fieldConfig!.defaults.thresholds!.steps)).toEqual([steps, steps]);
  });

  it('with links to a stream lead to a dashboard that there is', () => {
    const links = JSON.stringify(dashboards).match(/\/d\/[a-z-]+/g)!;
    expect(links.length).toBeGreaterThan(3);
    const uids = all.map(({ dashboard }) => `/d/${dashboard.uid}`);
    expect(links.filter((link) => !uids.includes(link))).toEqual([]);
  });
});
