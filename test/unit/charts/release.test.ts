import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { releasedChart } from '../../../charts/build/release.ts';

const read = (name: string) =>
  readFileSync(new URL(`../../../charts/stream-monitor/${name}`, import.meta.url), 'utf8');
const texts = { chart: read('Chart.yaml'), values: read('values.yaml') };
const image = {
  repository: 'registry.example:5000/video/streammonitor',
  digest: `sha256:${'0123456789abcdef'.repeat(4)}`,
};

/** Lines of a text that another does not have. */
const changed = (before: string, after: string) =>
  after.split('\n').filter((line) => !before.split('\n').includes(line));

describe('a released chart', () => {
  it('runs the image that was pushed, and differs in nothing else', () => {
    const { chart, values } = releasedChart(texts, image);
    const { version } = parse(texts.chart);
    expect(changed(texts.values, values)).toEqual([
      `  repository: ${image.repository}`,
      `  digest: "${image.digest}"`,
    ]);
    expect(changed(texts.chart, chart)).toEqual([`      image: ${image.repository}:${version}`]);
    expect(values.split('\n')).toHaveLength(texts.values.split('\n').length);
    expect(chart.split('\n')).toHaveLength(texts.chart.split('\n').length);
  });

  it.each([
    [{ ...image, digest: '' }, 'must be sha256: and 64 hexadecimal digits, but is ""'],
    [{ ...image, digest: '0.1.0' }, 'but is "0.1.0"'],
    [{ ...image, repository: '' }, 'the repository of the image is empty'],
  ])('is of no image that is not there: %o', (wrong, message) => {
    expect(() => releasedChart(texts, wrong)).toThrow(message);
  });
});
