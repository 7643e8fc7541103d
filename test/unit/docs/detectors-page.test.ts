import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { aspects, needOf, worksWith } from '../../../docs/build/detector-facts.ts';
import { generatedPages } from '../../../docs/build/generate.ts';
import { inputKinds } from '../../../monitor/ingress/input-kinds.ts';
import { loadDetectors } from '../../../monitor/watch/detector-registry.ts';

const detectors = await loadDetectors();
const pages = await generatedPages();

const needs = (type: string) =>
  Object.fromEntries(aspects.map((aspect) => [aspect, needOf(detectors.get(type)!, aspect)]));
const works = (type: string, title: string) => {
  const answer = worksWith(detectors.get(type)!, inputKinds.find((kind) => kind.title === title)!);
  return { works: answer.works.map(({ name }) => name), withLess: answer.withLess.map(({ name }) => name) };
};

describe('generated pages', () => {
  it.each(Object.keys(pages))('%s is what npm run generate writes', (path) => {
    const written = readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
    expect(written, 'stale: run npm run generate').toBe(pages[path]);
  });

  it('have a row for every detector in each of their three tables', () => {
    const rows = pages['docs/detectors.md']!.split('\n').map((line) => /^\| `([^`]+)` /.exec(line)?.[1]);
    for (const type of detectors.keys()) expect(rows.filter((row) => row === type)).toHaveLength(3);
  });
});

describe('what a detector needs', () => {
  it('is what it cannot judge without, by its own word', () => {
    expect(needs('freeze')).toEqual({ video: 'needed' });
    expect(needs('loudness')).toEqual({ audio: 'needed' });
    expect(needs('transport')).toEqual({ transport: 'needed' });
    expect(needs('playlist')).toEqual({ playlist: 'needed' });
  });

  it('is told apart from what it makes use of', () => {
    expect(needs('av-sync')).toEqual({ video: 'needed', audio: 'needed', reference: 'used' });
    expect(needs('reference')).toEqual({ video: 'used', audio: 'used', reference: 'needed' });
    expect(needs('block-corruption')).toEqual({ video: 'needed', transport: 'used' });
  });
});

describe('where a detector works', () => {
  it('follows from what is seen of each input', () => {
    expect(works('transport', 'UDP').works).toEqual(['MPEG-TS']);
    expect(works('transport', 'HLS').works).toEqual(['MPEG-TS']);
    expect(works('transport', 'SRT').works).toEqual([]);
    expect(works('playlist', 'DASH').works).toEqual(['MPEG-TS', 'fMP4']);
    expect(works('playlist', 'HTTP-TS').works).toEqual([]);
  });

  it('says where it has to do without transport evidence', () => {
    expect(works('block-corruption', 'RTMP')).toEqual({ works: ['any'], withLess: ['any'] });
    expect(works('block-corruption', 'UDP')).toEqual({ works: ['MPEG-TS'], withLess: [] });
    expect(works('freeze', 'RTMP').withLess).toEqual([]);
  });
});
