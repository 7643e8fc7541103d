import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { interpolated, panelQueries } from '../charts/dashboard-queries.ts';
import { alertRules, rulePaths } from '../charts/rule-files.ts';

const folder = join(import.meta.dirname, 'rules');
const files = readdirSync(folder).sort();

/** What promtool says, where it finds nothing wrong. */
function promtool(...args: string[]): string {
  const { error, status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
  if (error) {
    throw new Error('promtool is not on the PATH; `make test` fetches it (Debian package prometheus)', {
      cause: error,
    });
  }
  expect(status, stdout + stderr).toBe(0);
  return stdout;
}

test('rules pass promtool check rules', () => {
  expect(promtool('check', 'rules', '--lint-fatal', ...rulePaths)).toContain('SUCCESS');
});

test.each(files)('promtool test rules %s', (file) => {
  expect(promtool('test', 'rules', file)).toContain('SUCCESS');
});

test('each alert is shown to fire, and not to fire', () => {
  const checks = files.flatMap((file) => {
    const { tests } = parse(readFileSync(join(folder, file), 'utf8')) as {
      tests: { promql_expr_test?: { expr: string; exp_samples: unknown[] }[] }[];
    };
    return tests.flatMap((each) => each.promql_expr_test ?? []);
  });
  const concerning = (alert: string, fires: boolean) =>
    checks.filter(
      ({ expr, exp_samples }) =>
        new RegExp(`ALERTS.*\\b${alert}\\b`).test(expr) && exp_samples.length > 0 === fires,
    );
  const unshown = (fires: boolean) =>
    alertRules.map(({ alert }) => alert).filter((alert) => concerning(alert, fires).length === 0);
  expect({ firing: unshown(true), quiet: unshown(false) }).toEqual({ firing: [], quiet: [] });
});

test('queries of panels are PromQL to Prometheus itself', () => {
  const directory = mkdtempSync(join(tmpdir(), 'panel-rules-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const rules = panelQueries.map(({ expr }, index) => ({
    record: `panel:${index}`,
    expr: interpolated(expr, '1h'),
  }));
  const file = join(directory, 'panels.yaml');
  writeFileSync(file, stringify({ groups: [{ name: 'panels', rules }] }));
  expect(promtool('check', 'rules', file)).toContain(`${panelQueries.length} rules found`);
});
