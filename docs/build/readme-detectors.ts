import type { DetectorManifest } from '../../crds/detector-manifest.ts';
import type { DetectorDefinition } from '../../monitor/detectors/contract.ts';
import { markdownTable } from './markdown-table.ts';

const place = /(<!-- detectors: .*? -->\n).*?(<!-- \/detectors -->)/s;

/**
 * The README with a row for every detector in its table.
 * @throws Error when it has no place for them
 */
export function withDetectors(readme: string, definitions: readonly DetectorDefinition[]): string {
  if (!place.test(readme)) throw new Error('README.md lacks the comments between which detectors stand');
  const table = markdownTable(
    ['detector', 'finds'],
    definitions.map(({ manifest }) => [`\`${manifest.type}\``, findsText(manifest)]),
  );
  return readme.replace(place, (_, begin: string, end: string) => `${begin}\n${table}\n\n${end}`);
}

function findsText({ description, defaults }: DetectorManifest): string {
  const remarks = [
    ...(defaults.severity === 'info' ? ['advisory'] : []),
    ...(defaults.enabled ? [] : ['off by default']),
  ];
  return remarks.length > 0 ? `${description} (${remarks.join(', ')})` : description;
}
