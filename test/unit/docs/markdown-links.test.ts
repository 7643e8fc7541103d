import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchors, markdownFiles, relativeLinks } from './markdown-links.ts';

const root = join(import.meta.dirname, '../../..');
// What the chart's own page is made of: its links are those of the page, in another folder.
const parts = ['charts/build/introduction.md'];
const pages = new Map(
  markdownFiles(root)
    .filter((path) => !parts.includes(path))
    .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
);

describe.each([...pages])('%s', (path, text) => {
  it('links to files and headings that are there', () => {
    const dead = relativeLinks(path, text).filter((link) => {
      if (!existsSync(join(root, link.path))) return true;
      const linked = pages.get(link.path);
      return link.anchor !== undefined && linked !== undefined && !anchors(linked).has(link.anchor);
    });
    expect(dead).toEqual([]);
  });
});

it('every page of docs is reached from README.md', () => {
  const reached = new Set(['README.md']);
  for (const path of reached)
    for (const link of relativeLinks(path, pages.get(path)!))
      if (pages.has(link.path)) reached.add(link.path);
  const lost = [...pages.keys()].filter((path) => path.startsWith('docs/') && !reached.has(path));
  expect(lost).toEqual([]);
});

describe('what is read of a page', () => {
  it('is its links to files, from the root, but for those in code and to addresses', () => {
    const text =
      '[a](../b.md#c) ![p](p.png) [d](#e) [x](https://a.example/#b) `[f](g)`\n\n```md\n[h](i)\n```\n\n    [j](k)';
    expect(relativeLinks('docs/page.md', text)).toEqual([
      { path: 'b.md', anchor: 'c' },
      { path: 'docs/p.png' },
      { path: 'docs/page.md', anchor: 'e' },
    ]);
  });

  it('is its headings as GitHub names them', () => {
    const text = '# `av-sync`: A/V\n\n## What it *cannot*\n\n## What it cannot\n\n```sh\n# none\n```\n';
    expect([...anchors(text)]).toEqual(['av-sync-av', 'what-it-cannot', 'what-it-cannot-1']);
  });
});
