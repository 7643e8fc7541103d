import {
  type ConditionType,
  conditionMeanings,
  conditionReasons,
  conditionTypes,
} from '../condition-reasons.ts';
import type { DetectorCatalogue } from '../detector-catalogue.ts';
import { type DetectorManifest, type ParameterSpec, severities } from '../detector-manifest.ts';
import { commonSettings, defaultMergeGap } from '../detectors-schema.ts';
import { eventReasons, eventsPerMinute } from '../event-reasons.ts';
import { specSchema, statusSchema } from '../stream-monitor-schema.ts';
import { referenceExamples } from './reference-examples.ts';
import { type StructuralSchema, structuralSchema } from './structural-schema.ts';

/** The reference of the StreamMonitor API in Markdown: every field, then every detector. */
export function referencePage(catalogue: DetectorCatalogue): string {
  const spec = structuralSchema(specSchema(catalogue));
  // Detectors have a section of their own below.
  const { profile, custom } = spec.properties!.detectors!.properties!;
  const detectors = {
    ...spec.properties!.detectors!,
    properties: { profile: profile!, custom: custom! },
  };
  const streams = withOneDetector(spec.properties!.streams!);
  const fields = { ...spec, properties: { ...spec.properties, streams, detectors } };
  return [
    '<!-- Written by `npm run generate`; do not edit. -->',
    '# StreamMonitor',
    '`streammonitor.dev/v1alpha1`, short name `smon`. Unknown fields are refused. Durations are written as `45ms`, ' +
      '`2s` or `1m30s`.',
    'The smallest object:',
    '```yaml\napiVersion: streammonitor.dev/v1alpha1\nkind: StreamMonitor\nmetadata: {name: sports}\nspec:\n' +
      '  streams: [{name: channel-1, url: "https://origin.example/ch1/master.m3u8"}]\n```',
    '## spec',
    fieldTable(fields, 'spec'),
    ...referenceExamples.flatMap(({ title, text, yaml }) => [
      `## ${title}`,
      text,
      `\`\`\`yaml\n${yaml}\`\`\``,
    ]),
    '## Secret keys',
    'A field that takes a Secret key is written `{secretKeyRef: {name: origin, key: headers}}`: a Secret in the ' +
      'namespace of the StreamMonitor, and a key within it. `streammonitor run --secrets DIR` reads `DIR/origin/headers`.',
    '## Detectors',
    'Each detector is tuned under `spec.detectors.<detector>`: with what all have in common, and with parameters of its own.',
    commonTable(),
    ...Object.values(catalogue).flatMap(detectorSection),
    '## status',
    fieldTable(structuralSchema(statusSchema), 'status'),
    '## Conditions',
    'What each says when it is True, and every reason that it can have. Alerts and `kubectl wait` can rely on these words.',
    ...conditionTypes.flatMap(conditionSection),
    '## Events',
    'Reasons of the Events of a StreamMonitor, beside those of Ready and Degraded when they have changed. ' +
      `At most ${eventsPerMinute} a minute are told one by one.`,
    table(
      ['reason', 'meaning'],
      Object.entries(eventReasons).map(([reason, meaning]) => [`\`${reason}\``, meaning]),
    ),
    '',
  ].join('\n\n');
}

function conditionSection(type: ConditionType): string[] {
  const rows = Object.entries(conditionReasons[type]).map(([reason, text]) => {
    const [, status, meaning] = /^(\w+): (.*)$/.exec(text)!;
    return [`\`${reason}\``, status!, meaning!];
  });
  return [
    `### ${type}`,
    `${sentence(conditionMeanings[type])}.`,
    table(['reason', 'status', 'meaning'], rows),
  ];
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What a stream can have otherwise is the same of each detector. */
function withOneDetector(streams: StructuralSchema): StructuralSchema {
  const { items } = streams;
  const { detectors, ...others } = items!.properties!;
  const [one] = Object.values(detectors!.properties!);
  const any = { ...detectors!, properties: { '<detector>': { ...one!, description: 'Any of them.' } } };
  return { ...streams, items: { ...items, properties: { ...others, detectors: any } } };
}

function fieldTable(schema: StructuralSchema, path: string): string {
  return table(['field', 'type', 'description'], fieldRows(schema, path));
}

function fieldRows(schema: StructuralSchema, path: string): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const fieldPath = `${path}.${name}`;
    const needed = schema.required?.includes(name) ? ' **Required.**' : '';
    const row = [`\`${fieldPath}\``, typeText(field), `${field.description ?? ''}${needed}${preset(field)}`];
    if (isSecretKey(field)) return [row];
    const below = field.type === 'array' ? field.items! : field;
    return [row, ...fieldRows(below, field.type === 'array' ? `${fieldPath}[]` : fieldPath)];
  });
}

/** Of an object, the defaults of its fields say more. */
function preset({ type, default: value }: StructuralSchema): string {
  return value === undefined || type === 'object' ? '' : ` Default: \`${JSON.stringify(value)}\`.`;
}

function isSecretKey({ properties }: StructuralSchema): boolean {
  return properties?.secretKeyRef !== undefined;
}

function typeText(field: StructuralSchema): string {
  if (isSecretKey(field)) return '[Secret key](#secret-keys)';
  if (field.enum) return codes(field.enum);
  if (field['x-kubernetes-int-or-string']) return 'quantity';
  if (field.additionalProperties) return `map of ${field.additionalProperties.type}`;
  if (field.type === 'array') return `list of ${field.items!.type === 'array' ? 'lists' : field.items!.type}`;
  return String(field.type);
}

function commonTable(): string {
  const values = {
    enabled: '`true`, `false`',
    severity: codes(severities),
    minDuration: '0s … 1h',
    mergeGap: '0s … 1h',
  };
  const presets = {
    enabled: 'see below',
    severity: 'see below',
    minDuration: 'see below',
    mergeGap: `\`${defaultMergeGap}\``,
  };
  return table(
    ['setting', 'values', 'default', 'meaning'],
    Object.entries(commonSettings).map(([name, meaning]) => {
      const key = name as keyof typeof commonSettings;
      return [`\`${name}\``, values[key], presets[key], meaning];
    }),
  );
}

function detectorSection(manifest: DetectorManifest): string[] {
  const { type, title, description, defaults, kinds, parameters } = manifest;
  const kindRows = Object.entries(kinds).map(([kind, { description, severity, minDuration }]) => [
    `\`${kind}\``,
    severity ?? defaults.severity,
    minDuration ?? defaults.minDuration,
    description,
  ]);
  const parameterRows = Object.entries(parameters).map(([name, spec]) => [
    `\`${name}\``,
    bounds(spec),
    `\`${spec.default}\``,
    spec.description,
  ]);
  return [
    `### ${type}`,
    `${title}. ${description}`,
    `Default: ${defaults.enabled ? 'on' : 'off'}, severity \`${defaults.severity}\`, \`minDuration\` ${defaults.minDuration}.`,
    table(['kind', 'severity', 'minDuration', 'incident'], kindRows),
    ...(parameterRows.length > 0
      ? [table(['parameter', 'values', 'default', 'meaning'], parameterRows)]
      : []),
  ];
}

function bounds(spec: ParameterSpec): string {
  switch (spec.type) {
    case 'number':
      return `${spec.minimum} … ${spec.maximum}${spec.unit ? ` ${spec.unit}` : ''}`;
    case 'duration':
      return `${spec.minimum ?? '0s'} … ${spec.maximum ?? '24h'}`;
    case 'boolean':
      return '`true`, `false`';
    case 'choice':
      return codes(spec.values);
  }
}

function codes(values: readonly unknown[]): string {
  return values.map((value) => `\`${value}\``).join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map(cell).join(' | ')} |`)
    .join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
