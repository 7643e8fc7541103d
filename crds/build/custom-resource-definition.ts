import type { DetectorCatalogue } from '../detector-catalogue.ts';
import { dnsLabelPattern } from '../fields.ts';
import { streamMonitorApiVersion } from '../stream-monitor.ts';
import { specSchema, statusSchema } from '../stream-monitor-schema.ts';
import { structuralSchema } from './structural-schema.ts';

const [group, version] = streamMonitorApiVersion.split('/') as [string, string];

const printerColumns = [
  { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  { name: 'Streams', type: 'integer', jsonPath: '.status.streams' },
  { name: 'Monitored', type: 'integer', jsonPath: '.status.monitored' },
  { name: 'Defects', type: 'integer', jsonPath: '.status.defects' },
  { name: 'Shards', type: 'integer', jsonPath: '.status.shards' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
];

/** The CustomResourceDefinition of StreamMonitor. */
export function customResourceDefinition(catalogue: DetectorCatalogue): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `streammonitors.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind: 'StreamMonitor',
        listKind: 'StreamMonitorList',
        plural: 'streammonitors',
        singular: 'streammonitor',
        shortNames: ['smon'],
        categories: ['streammonitor'],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: printerColumns,
          schema: { openAPIV3Schema: objectSchema(catalogue) },
        },
      ],
    },
  };
}

function objectSchema(catalogue: DetectorCatalogue): object {
  return {
    type: 'object',
    description: 'Live streams to watch, what to look for, and who is told.',
    required: ['spec'],
    'x-kubernetes-validations': [
      {
        rule: `self.metadata.name.size() <= 63 && self.metadata.name.matches('${dnsLabelPattern.source}')`,
        message: 'metadata.name must be a DNS label: at most 63 lower-case letters, digits and "-"',
      },
    ],
    properties: {
      apiVersion: { type: 'string', description: 'Version of this API.' },
      kind: { type: 'string', description: 'StreamMonitor.' },
      metadata: { type: 'object' },
      spec: { ...structuralSchema(specSchema(catalogue)), description: 'What to watch, and how.' },
      status: {
        ...structuralSchema(statusSchema),
        description: 'What was seen last: counts, conditions and the streams that need attention.',
      },
    },
  };
}
