import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export const rulePaths = ['recording', 'alerts'].map((name) =>
  fileURLToPath(new URL(`../../charts/stream-monitor/rules/${name}.yaml`, import.meta.url)),
);

const rules = rulePaths.flatMap((path) =>
  (
    parse(readFileSync(path, 'utf8')) as { groups: { rules: (RecordingRule | AlertRule)[] }[] }
  ).groups.flatMap((group) => group.rules),
);

/** The chart's rules as Prometheus loads them. */
export const recordingRules = rules.filter((rule): rule is RecordingRule => 'record' in rule);
export const alertRules = rules.filter((rule): rule is AlertRule => 'alert' in rule);
