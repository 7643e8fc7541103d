import type { DetectorManifest } from '../../crds/detector-manifest.ts';
import type { DetectorDefinition } from '../../monitor/detectors/contract.ts';
import { markdownTable } from './markdown-table.ts';

/** A row for every detector. */
export function detectorRows(definitions: readonly DetectorDefinition[]): string {
  return markdownTable(
    ['detector', 'finds'],
    definitions.map(({ manifest }) => [`\`${manifest.type}\``, findsText(manifest)]),
  );
}

function findsText({ description, defaults }: DetectorManifest): string {
  const remarks = [
    ...(defaults.severity === 'info' ? ['advisory'] : []),
    ...(defaults.enabled ? [] : ['off by default']),
  ];
  return remarks.length > 0 ? `${description} (${remarks.join(', ')})` : description;
}
