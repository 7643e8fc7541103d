import type { DetectorCatalogue } from '../detector-catalogue.ts';
import type { DetectorManifest, ParameterSpec } from '../detector-manifest.ts';
import { specSchema, statusSchema } from '../stream-monitor-schema.ts';
import { type StructuralSchema, structuralSchema } from './structural-schema.ts';

/** The reference of the StreamMonitor API in Markdown: every field, then every detector. */
export function referencePage(catalogue: DetectorCatalogue): string {
  const spec = structuralSchema(specSchema(catalogue));
  // Detectors have a section of their own below.
  const { profile } = spec.properties!.detectors!.properties!;
  const detectors = { ...spec.properties!.detectors!, properties: { profile: profile! } };
  const fields = { ...spec, properties: { ...spec.properties, detectors } };
  return [
    '<!-- Written by `npm run generate`; do not edit. -->',
    '# StreamMonitor',
    '`streammonitor.dev/v1alpha1`, short name `smon`. Unknown fields are refused.',
    'The smallest object:',
    '```yaml\napiVersion: streammonitor.dev/v1alpha1\nkind: StreamMonitor\nmetadata: {name: sports}\nspec:\n' +
      '  streams: [{name: channel-1, url: "https://origin.example/ch1/master.m3u8"}]\n```',
    '## spec',
    fieldTable(fields, 'spec'),
    '## Detectors',
    'Each detector is tuned under `spec.detectors.<detector>`. Durations are written as `45ms`, `2s` or `1m30s`.',
    ...Object.values(catalogue).flatMap(detectorSection),
    '## status',
    fieldTable(structuralSchema(statusSchema), 'status'),
    '',
  ].join('\n\n');
}

function fieldTable(schema: StructuralSchema, path: string): string {
  return ['| field | type | description |', '| --- | --- | --- |', ...fieldRows(schema, path)].join('\n');
}

function fieldRows(schema: StructuralSchema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const fieldPath = `${path}.${name}`;
    const needed = schema.required?.includes(name) ? ' **Required.**' : '';
    const preset = field.default === undefined ? '' : ` Default: \`${JSON.stringify(field.default)}\`.`;
    const row = `| \`${fieldPath}\` | ${typeText(field)} | ${cell(field.description ?? '')}${needed}${preset} |`;
    const below = field.type === 'array' ? field.items! : field;
    return [row, ...fieldRows(below, field.type === 'array' ? `${fieldPath}[]` : fieldPath)];
  });
}

function typeText(field: StructuralSchema): string {
  if (field.enum) return field.enum.map((value) => `\`${value}\``).join(', ');
  if (field.type === 'array') return `list of ${field.items!.type === 'array' ? 'lists' : field.items!.type}`;
  return String(field.type);
}

function detectorSection(manifest: DetectorManifest): string[] {
  const { type, title, description, defaults, kinds, parameters } = manifest;
  const kindRows = Object.entries(kinds).map(
    ([kind, { description, severity }]) =>
      `| \`${kind}\` | ${severity ?? defaults.severity} | ${cell(description)} |`,
  );
  const parameterRows = Object.entries(parameters).map(
    ([name, spec]) => `| \`${name}\` | ${bounds(spec)} | \`${spec.default}\` | ${cell(spec.description)} |`,
  );
  return [
    `### ${type}`,
    `${title}. ${description}`,
    `Default: ${defaults.enabled ? 'on' : 'off'}, severity \`${defaults.severity}\`, \`minDuration\` ${defaults.minDuration}.`,
    ['| kind | severity | incident |', '| --- | --- | --- |', ...kindRows].join('\n'),
    ...(parameterRows.length === 0
      ? []
      : [
          ['| parameter | values | default | meaning |', '| --- | --- | --- | --- |', ...parameterRows].join(
            '\n',
          ),
        ]),
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
      return spec.values.map((value) => `\`${value}\``).join(', ');
  }
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
