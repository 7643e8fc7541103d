import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { interpolated, panelQueries } from '../../charts/dashboard-queries.ts';
import { operatorMetrics, recordedMetrics, shardMetrics, targetLabels } from '../../charts/known-metrics.ts';
import { type Matcher, type ParsedQuery, parseQuery } from '../../charts/promql.ts';
import { alertRules, recordingRules } from '../../charts/rule-files.ts';

const scraped = new Map([...(await shardMetrics()), ...(await operatorMetrics())]);
const known = new Map([...scraped, ...recordedMetrics(scraped)]);
const runbooks = new URL('../../../docs/runbooks/', import.meta.url);
const pages = readdirSync(runbooks).map((name) => ({
  name,
  text: readFileSync(new URL(name, runbooks), 'utf8'),
}));

/** What is wrong with a query: metrics, labels and values of labels that nothing has. */
function faults(expr: string): string[] {
  const query = parseQuery(interpolated(expr, '5m'));
  return [...query.selectors.flatMap(selectorFaults), ...groupingFaults(query)];
}

function selectorFaults({ metric, matchers }: ParsedQuery['selectors'][number]): string[] {
  const labels = known.get(metric);
  if (!labels) return [`there is no metric ${metric}`];
  return matchers.flatMap(({ label, operator, value }) => {
    const values = labels[label];
    if (!values) return [`${metric} has no label ${label}`];
    return canMatch(values, operator, value) ? [] : [`${metric} has no ${label} ${value}`];
  });
}

function groupingFaults({ selectors, groupings }: ParsedQuery): string[] {
  const some = new Set(selectors.flatMap(({ metric }) => Object.keys(known.get(metric) ?? {})));
  return groupings.filter((label) => !some.has(label)).map((label) => `no metric here has a label ${label}`);
}

/**
 * Labels of streams and places have any value, and runbooks name them in capitals; of the others each alternative is
 * one that the program writes.
 */
function canMatch(values: ReadonlySet<string>, operator: Matcher['operator'], value: string): boolean {
  const open = value === '.*' || /^[A-Z]+$/.test(value) || values.size === 0 || operator.startsWith('!');
  return open || value.split('|').every((alternative) => values.has(alternative));
}

const queries = [
  ...panelQueries.map(({ dashboard, panel, expr }) => ({ where: `${dashboard}: ${panel}`, expr })),
  ...recordingRules.map(({ record, expr }) => ({ where: record, expr })),
  ...alertRules.map(({ alert, expr }) => ({ where: alert, expr })),
  ...pages.flatMap(({ name, text }) =>
    [...text.matchAll(/```promql\n(.*?)```/gs)].map(([, expr]) => ({ where: name, expr: expr! })),
  ),
];

describe('queries', () => {
  it.each(queries)('$where asks for what there is', ({ expr }) => {
    expect(faults(expr)).toEqual([]);
  });

  it('that ask for what there is not are found', () => {
    expect(faults('streammonitor_stream_upp')).toEqual(['there is no metric streammonitor_stream_upp']);
    expect(faults('streammonitor_stream_up{shard="a"}')).toEqual([
      'streammonitor_stream_up has no label shard',
    ]);
    expect(faults('streammonitor_defect_active{severity=~"critical|fatal"}')).toEqual([
      'streammonitor_defect_active has no severity critical|fatal',
    ]);
    expect(faults('sum by (shard) (streammonitor_stream_up)')).toEqual(['no metric here has a label shard']);
    expect(() => faults('sum by (stream (streammonitor_stream_up)')).toThrow('no PromQL');
  });
});

describe('recording rules', () => {
  it.each(recordingRules)(
    '$record is named after no part of the cluster, and has no label of one',
    (rule) => {
      expect(rule.record).toMatch(/^(stream|stream_detector|streammonitor):[a-z_]+:[a-z0-9_]+$/);
      const labels = Object.keys(known.get(rule.record)!);
      expect(labels.filter((label) => [...targetLabels, 'shard'].includes(label))).toEqual([]);
    },
  );
});

describe('annotations of alerts', () => {
  it.each(alertRules)('$alert ($labels.severity)', ({ alert, labels, annotations }) => {
    expect(labels.severity).toMatch(/^(critical|warning)$/);
    expect(Object.keys(annotations).sort()).toEqual(['description', 'runbook_url', 'summary']);
    expect(annotations.runbook_url).toMatch(new RegExp(`/docs/runbooks/${alert}\\.md$`));
    for (const text of Object.values(annotations)) {
      for (const [, metric] of text.matchAll(/\b((?:\w+:)?streammonitor_\w+(?::\w+)?)\b/g)) {
        expect(known.has(metric!), metric).toBe(true);
      }
    }
  });
});

describe('docs/metrics.md', () => {
  const text = readFileSync(new URL('../metrics.md', runbooks), 'utf8');

  it('links to the runbook of each alert, and names every recorded series', () => {
    const linked = [...text.matchAll(/\(runbooks\/(\w+)\.md\)/g)].map(([, alert]) => alert);
    expect(linked.sort()).toEqual([...new Set(alertRules.map(({ alert }) => alert))].sort());
    const families = recordingRules.map(({ record }) =>
      record.replace(/ratio_rate(30m|[1-9][hd])$/, 'ratio_rate5m'),
    );
    expect(families.filter((series) => !text.includes(`\`${series}\``))).toEqual([]);
  });
});

describe('runbooks', () => {
  const alerts = new Set(alertRules.map(({ alert }) => alert));

  it('are there for each alert, and for nothing else', () => {
    expect(pages.map(({ name }) => name).sort()).toEqual([...alerts].map((alert) => `${alert}.md`).sort());
  });

  it.each(pages)('$name says what it means, what to look at and what to do', ({ name, text }) => {
    expect(text).toMatch(new RegExp(`^# ${name.replace('.md', '')}\\n`));
    expect([...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual([
      'What it means',
      'What to look at',
      'What to do',
    ]);
    for (const [metric] of text.matchAll(/\b(?:\w+:)?streammonitor_\w+(?::\w+)?/g)) {
      expect(known.has(metric) || known.has(`${metric}_bucket`), metric).toBe(true);
    }
  });
});
