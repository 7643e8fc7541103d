import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { generatedChartFiles } from '../../../charts/build/generate.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const chart = parse(read('charts/stream-monitor/Chart.yaml'));
const files = await generatedChartFiles();

describe('generated files of the chart', () => {
  it.each(Object.keys(files))('%s is what npm run generate writes', (path) => {
    expect(read(path), 'stale: run npm run generate').toBe(files[path]);
  });
});

describe('Chart.yaml', () => {
  it('has the version of the package, in its images too', () => {
    const { version } = JSON.parse(read('package.json'));
    expect(chart).toMatchObject({ version, appVersion: version });
    expect(parse(chart.annotations['artifacthub.io/images'])).toEqual([
      { name: 'streammonitor', image: `streammonitor:${version}` },
    ]);
  });

  it('names the definition as it is', () => {
    const definition = parse(read('crds/streammonitor.dev_streammonitors.yaml'));
    const [{ name, kind, version }] = parse(chart.annotations['artifacthub.io/crds']);
    expect({ name, kind, version }).toEqual({
      name: definition.metadata.name,
      kind: definition.spec.names.kind,
      version: definition.spec.versions[0].name,
    });
  });
});
