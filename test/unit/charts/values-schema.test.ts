import { describe, expect, it } from 'vitest';
import { chartReadme } from '../../../charts/build/chart-readme.ts';
import { everyValue, readChartValues } from '../../../charts/build/chart-values.ts';
import { valuesSchema } from '../../../charts/build/values-schema.ts';

const values = `# @section First
# How many.
# @schema {minimum: 1}
replicas: 2
# The image
# of all.
image:
  # Its name.
  name: monitor
  # Who pulls it.
  # @schema {items: {type: string}}
  secrets: []

# @section Second
# Share of it.
share: 0.5
# What is asked for.
# @schema {$ref: '#/definitions/resources'}
resources: {requests: {cpu: 1}}
`;

describe('readChartValues', () => {
  it('reads every key with its comment', () => {
    expect(
      [...everyValue(readChartValues(values))].map(({ path, description }) => [path, description]),
    ).toEqual([
      ['replicas', 'How many.'],
      ['image', 'The image of all.'],
      ['image.name', 'Its name.'],
      ['image.secrets', 'Who pulls it.'],
      ['share', 'Share of it.'],
      ['resources', 'What is asked for.'],
    ]);
  });

  it('refuses keys that nothing is said of', () => {
    expect(() => readChartValues('# Said.\na: 1\nb:\n  # Said.\n  c: 1\n  d: 2\n')).toThrow(
      'values.yaml says nothing of b, b.d',
    );
  });

  it('refuses an annotation that it does not know', () => {
    expect(() => readChartValues('# Said.\n# @default 3\na: 1\n')).toThrow(
      'values.yaml, a: "@default 3" is neither @section nor @schema',
    );
  });
});

describe('valuesSchema', () => {
  it('is closed, and tells kinds, bounds and defaults', () => {
    const { definitions, ...schema } = valuesSchema(values);
    expect(definitions).toHaveProperty('resources');
    expect(schema).toEqual({
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: 'Values',
      type: 'object',
      additionalProperties: false,
      properties: {
        replicas: { description: 'How many.', type: 'integer', minimum: 1, default: 2 },
        image: {
          description: 'The image of all.',
          type: 'object',
          additionalProperties: false,
          properties: {
            name: { description: 'Its name.', type: 'string', default: 'monitor' },
            secrets: { description: 'Who pulls it.', type: 'array', items: { type: 'string' }, default: [] },
          },
        },
        share: { description: 'Share of it.', type: 'number', default: 0.5 },
        resources: {
          description: 'What is asked for.',
          $ref: '#/definitions/resources',
          default: { requests: { cpu: 1 } },
        },
      },
    });
  });

  it('refuses a value whose kind cannot be told', () => {
    expect(() => valuesSchema('# Said.\na: []\n')).toThrow(
      'a: the value does not tell its type; add @schema',
    );
  });
});

describe('chartReadme', () => {
  it('lists the values by section', () => {
    const chart = { name: 'chart', description: 'What.', appVersion: '1.0.0', kubeVersion: '>=1.29.0-0' };
    const page = chartReadme(chart, 'How.', values);
    expect(page).toContain('Kubernetes >=1.29.0;');
    const [, first, second] = page.split(/^### /m);
    expect(first).toContain('| `image.name` | string | `"monitor"` | Its name. |');
    expect(first).toContain('| `image.secrets` | list of string | `[]` | Who pulls it. |');
    expect(second).toContain('| `resources` | resources | `{"requests":{"cpu":1}}` | What is asked for. |');
  });
});
