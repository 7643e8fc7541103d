import { readFile, writeFile } from 'node:fs/promises';
import { type Document, parseDocument } from 'yaml';
import { writeGeneratedChartFiles } from './generate.ts';

const folder = new URL('../stream-monitor/', import.meta.url);

/** An image in a registry, as it was pushed. */
export interface PublishedImage {
  /** Registry and name, such as `registry.example/streammonitor`. */
  readonly repository: string;
  /** Such as `sha256:…`. */
  readonly digest: string;
}

/** What of a chart names its image, as text. */
export interface ChartTexts {
  readonly chart: string;
  readonly values: string;
}

/**
 * Chart.yaml and values.yaml of a chart that runs a published image, to the byte; all else in them is as it was.
 * @throws Error when the digest is none, or the repository empty
 */
export function releasedChart({ chart, values }: ChartTexts, image: PublishedImage): ChartTexts {
  if (image.repository === '')
    throw new Error('the repository of the image is empty: name registry and image');
  if (!/^sha256:[0-9a-f]{64}$/.test(image.digest))
    throw new Error(
      `the digest of the image must be sha256: and 64 hexadecimal digits, but is "${image.digest}"`,
    );

  const metadata = parseDocument(chart);
  const tagged = `${image.repository}:${metadata.get('appVersion')}`;
  metadata.setIn(['annotations', 'artifacthub.io/images'], `- name: streammonitor\n  image: ${tagged}\n`);

  const settings = parseDocument(values);
  settings.setIn(['image', 'repository'], image.repository);
  settings.setIn(['image', 'digest'], image.digest);
  return { chart: text(metadata), values: text(settings) };
}

function text(document: Document.Parsed): string {
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

if (import.meta.main) {
  const [repository = '', digest = ''] = process.argv.slice(2);
  const [chart, values] = [new URL('Chart.yaml', folder), new URL('values.yaml', folder)];
  const texts = { chart: await readFile(chart, 'utf8'), values: await readFile(values, 'utf8') };
  const released = releasedChart(texts, { repository, digest });
  await writeFile(chart, released.chart);
  await writeFile(values, released.values);
  // The schema and the page of the chart repeat the values.
  await writeGeneratedChartFiles();
}
