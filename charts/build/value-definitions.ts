import { durationPattern } from '../../crds/duration.ts';
import type { JsonSchema } from './chart-values.ts';

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';

/** Kinds of values that JSON Schema has no word for; `$ref: '#/definitions/NAME'` in values.yaml. */
export const valueDefinitions: Readonly<Record<string, JsonSchema>> = {
  duration: {
    type: 'string',
    title: 'duration',
    description: 'Duration with a unit, such as 30s or 10m.',
    pattern: durationPattern.source,
  },
  // Bounds are up to the templates: a schema cannot compare quantities.
  quantity: {
    type: ['string', 'number'],
    title: 'quantity',
    description: 'Quantity of Kubernetes, such as 500m, 2 or 512Mi.',
    pattern: '^[0-9]+(\\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$',
    minimum: 0,
  },
  cidr: {
    type: 'string',
    title: 'CIDR',
    description: 'Range of addresses in CIDR form, such as 10.1.0.0/16 or fd00::/8.',
    pattern:
      '^(((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])/(3[0-2]|[12]?[0-9])' +
      '|[0-9a-fA-F:]*:[0-9a-fA-F:]*/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))$',
  },
  // RFC 1123, as Kubernetes has it: "Object Names and IDs" of its documentation.
  dnsLabel: {
    type: 'string',
    title: 'name',
    description: 'Name without dots, such as that of a namespace; empty for none.',
    pattern: `^(${label})?$`,
    maxLength: 63,
  },
  // RFC 1035: a Service has the name.
  serviceName: {
    type: 'string',
    title: 'name',
    description: 'Name without dots that begins with a letter; empty for none.',
    pattern: '^([a-z]([-a-z0-9]*[a-z0-9])?)?$',
    maxLength: 63,
  },
  dnsSubdomain: {
    type: 'string',
    title: 'name',
    description: 'Name of most Kubernetes objects; empty for none.',
    pattern: `^(${label}(\\.${label})*)?$`,
    maxLength: 253,
  },
  strings: {
    type: 'object',
    title: 'map of strings',
    description: 'Names with their texts.',
    additionalProperties: { type: 'string' },
  },
  // Selectors hold some of the labels that the chart writes itself. Errors of `propertyNames` would name another value.
  commonLabels: {
    type: 'object',
    title: 'map of strings',
    description: 'Labels, but for those that the chart gives its objects itself.',
    patternProperties: {
      '^(app\\.kubernetes\\.io/(name|instance|component|version|managed-by)|helm\\.sh/chart)$': false,
    },
    additionalProperties: { type: 'string' },
  },
  toleration: {
    type: 'object',
    title: 'toleration',
    description: 'Toleration as in a PodSpec.',
    properties: {
      key: { type: 'string' },
      operator: { type: 'string', enum: ['Exists', 'Equal'] },
      value: { type: 'string' },
      effect: { type: 'string', enum: ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] },
      tolerationSeconds: { type: 'integer' },
    },
    additionalProperties: false,
  },
  resources: {
    type: 'object',
    title: 'resources',
    description: 'Requests and limits as in a container.',
    properties: Object.fromEntries(
      ['requests', 'limits'].map((name) => [
        name,
        { type: 'object', additionalProperties: { $ref: '#/definitions/quantity' } },
      ]),
    ),
    additionalProperties: false,
  },
  peer: {
    type: 'object',
    title: 'peer',
    description: 'Peer as in a NetworkPolicy.',
    minProperties: 1,
    properties: {
      namespaceSelector: { type: 'object' },
      podSelector: { type: 'object' },
      ipBlock: {
        type: 'object',
        required: ['cidr'],
        properties: {
          cidr: { $ref: '#/definitions/cidr' },
          except: { type: 'array', items: { $ref: '#/definitions/cidr' } },
        },
        additionalProperties: false,
      },
    },
    additionalProperties: false,
  },
};
