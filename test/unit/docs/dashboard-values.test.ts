import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { describe, expect, it } from 'vitest';
import { dashboards } from '../../../charts/dashboards/dashboard-files.ts';
import { linePlot } from '../../../docs/build/dashboards/line-plot.ts';
import { legend, type PanelSeries } from '../../../docs/build/dashboards/panel-data.ts';
import { panelBody } from '../../../docs/build/dashboards/panel-html.ts';
import { fieldStyle, said, valueColor } from '../../../docs/build/dashboards/panel-style.ts';
import { formatted } from '../../../docs/build/dashboards/panel-values.ts';
import { tableRows } from '../../../docs/build/dashboards/table-rows.ts';

const panelOf = (dashboard: string, title: string) =>
  dashboards[dashboard]!.panels!.find((panel) => panel.title === title) as Panel;
const series = (points: PanelSeries['points'], labels: Record<string, string> = {}): PanelSeries => ({
  ...{ refId: 'A', name: Object.values(labels).join(' '), labels, points },
});
const asked = { end: 100, seconds: 10, step: 1, rateInterval: '4s' };

describe('values are written as Grafana writes them', () => {
  it.each([
    [0, 'short', undefined, '0'],
    [3, 'short', undefined, '3'],
    [1234, 'short', undefined, '1.23 K'],
    [0.98765, 'percentunit', 3, '98.765%'],
    [0.5, 'percentunit', undefined, '50%'],
    [1, 'percentunit', 3, '100.000%'],
    [0, 's', undefined, '0 s'],
    [0.3, 's', undefined, '300 ms'],
    [-0.3, 's', undefined, '-300 ms'],
    [1.5, 's', 1, '1.5 s'],
    [90, 's', undefined, '1.50 mins'],
    [7200, 's', undefined, '2 hours'],
    [134_217_728, 'bytes', undefined, '128 MiB'],
    [0.0425, 'currencyUSD', 4, '$0.0425'],
    [1500, 'currencyUSD', 2, '$1.50K'],
    [25, 'fps', 1, '25.0 fps'],
    [-23.04, 'suffix:LUFS', 1, '-23.0 LUFS'],
    [-0.01, 'suffix:LUFS', 1, '0.0 LUFS'],
    [Number.POSITIVE_INFINITY, 's', undefined, '∞'],
  ])('%d as %s', (value, unit, decimals, text) => {
    expect(formatted(value, { unit, decimals })).toBe(text);
  });

  it('in units of no dashboard are refused by name', () => {
    expect(() => formatted(1, { unit: 'furlong', decimals: undefined })).toThrow('furlong');
  });

  it.each(
    Object.entries(dashboards).flatMap(([name, { panels }]) =>
      panels!.filter(({ type }) => type !== 'row').map((panel) => ({ name, panel: panel as Panel })),
    ),
  )('$name: $panel.title has units and colours that are drawn', ({ panel }) => {
    const { body, text } = { body: panelBody(panel, [], asked), text: panel.fieldConfig!.defaults.noValue };
    expect(body.isEmpty).toBe(true);
    expect(body.html).toContain(text);
    const drawn = panelBody(panel, [series([[95, 0.25]], { stream: 'one' })], asked);
    expect(drawn.isEmpty).toBe(false);
  });
});

describe('a style', () => {
  it('takes word and colour of a mapped value, and the highest step that others reach', () => {
    const media = fieldStyle(panelOf('stream', 'Media'));
    expect([said(0, media), valueColor(0, media)]).toEqual(['down', '#f2495c']);
    const free = fieldStyle(panelOf('fleet', 'Free of defects'));
    expect([0.5, 0.99, 0.9995].map((value) => valueColor(value, free))).toEqual([
      '#f2495c',
      '#ff9830',
      '#73bf69',
    ]);
  });

  it('of a field follows what the panel says of its name', () => {
    const table = panelOf('fleet', 'Worst streams');
    expect(fieldStyle(table, 'with defects').coloredText).toBe(true);
    expect(fieldStyle(table, 'stream').coloredText).toBe(false);
    expect(fieldStyle(panelOf('fleet', 'Open incidents, by severity'), 'critical').fixed).toBe('#f2495c');
  });
});

describe('a panel', () => {
  it('names series by their labels, and leaves out those that they lack', () => {
    expect(legend('{{region}} {{namespace}}/{{ monitor }}', { namespace: 'live', monitor: 'sports' })).toBe(
      'live/sports',
    );
  });

  it('stacks lines, with the values themselves in the legend', () => {
    const panel = panelOf('fleet', 'Open incidents, by severity');
    const answers = [
      series(
        [
          [91, 1],
          [92, 3],
        ],
        { severity: 'critical' },
      ),
      series([[92, 2]], { severity: 'info' }),
    ];
    const { times, lines } = linePlot(panel, answers, asked);
    expect(times).toEqual([91, 92]);
    expect(lines.map(({ values }) => values)).toEqual([
      [1, 3],
      [1, 5],
    ]);
    expect(lines.map(({ last, highest }) => [last, highest])).toEqual([
      [3, 3],
      [2, 2],
    ]);
  });

  it('joins the queries of a table to rows, the highest of the first on top', () => {
    const panel = panelOf('fleet', 'Worst streams');
    const row = (stream: string, refId: string, value: number) => ({
      ...series([[1, value]], { stream, namespace: 'live' }),
      refId,
    });
    const answers = [row('one', 'A', 0.1), row('two', 'A', 0.2), row('one', 'B', 0.3)];
    expect(tableRows(panel, answers)).toEqual({
      columns: ['namespace', 'stream', 'with defects', 'blind'],
      rows: [
        ['live', 'two', 0.2, undefined],
        ['live', 'one', 0.1, 0.3],
      ],
    });
  });

  it('shows a state until the next, and nothing where there is no data', () => {
    const { html } = panelBody(panelOf('stream', 'Media'), [series([[90, 1]])], asked);
    expect(html).toContain('arrives');
    const line = dashboards.stream!.panels!.find(
      ({ title, type }) => title === 'Media' && type === 'state-timeline',
    );
    const states = panelBody(
      line as Panel,
      [
        series([
          [90, 1],
          [91, 1],
          [94, 0],
        ]),
      ],
      asked,
    );
    expect([...states.html.matchAll(/left: ([\d.]+)%; width: ([\d.]+)%/g)].map(([, a, b]) => [a, b])).toEqual(
      [
        ['0.00', '20.00'],
        ['40.00', '10.00'],
      ],
    );
  });

  it('shows names of streams as text', () => {
    const { html } = panelBody(
      panelOf('detector', 'Worst streams'),
      [series([[1, 1]], { stream: '<b>' })],
      asked,
    );
    expect(html).toContain('&lt;b&gt;');
  });
});
