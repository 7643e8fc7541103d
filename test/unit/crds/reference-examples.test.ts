import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { referenceExamples } from '../../../crds/build/reference-examples.ts';
import { parseStreamList } from '../../../crds/stream-list.ts';
import { streamListLabel } from '../../../crds/stream-list-label.ts';
import { parseStreamMonitor, type StreamMonitor } from '../../../crds/stream-monitor.ts';

interface ListMap {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Record<string, string> };
  readonly data: Record<string, string>;
}

const objectsOf = (yaml: string) => parseAllDocuments(yaml).map((document): ListMap => document.toJS());

describe('the examples of the reference page', () => {
  it.each(referenceExamples.map((example) => [example.title, example.yaml]))('%s', (_, yaml) => {
    const objects = objectsOf(yaml);
    const monitors: StreamMonitor[] = objects
      .filter(({ kind }) => kind === 'StreamMonitor')
      .map((object) => parseStreamMonitor(object));
    expect(monitors).toHaveLength(1);
    for (const { metadata, data } of objects.filter(({ kind }) => kind === 'ConfigMap')) {
      expect(metadata.labels[streamListLabel]).toBe('true');
      const selectors = monitors[0]!.spec.streamsFrom?.map(
        ({ configMap }) => configMap.selector?.matchLabels,
      );
      expect(selectors).toContainEqual(expect.objectContaining({ team: metadata.labels.team }));
      for (const [key, text] of Object.entries(data)) {
        const { entries, problems } = parseStreamList(text, { configMap: metadata.name, key });
        expect(problems).toEqual([]);
        expect(entries.length).toBeGreaterThan(0);
      }
    }
  });
});
