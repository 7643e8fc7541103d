import { describe, expect, it } from 'vitest';
import { parseStreamMonitor } from '../../../crds/stream-monitor.ts';
import {
  longestRenditionSuffix,
  renditionStreamName,
  renditionSuffixPattern,
  tallest,
  watchedCount,
  watchedStreams,
} from '../../../crds/stream-renditions.ts';

const streams = (entries: object[]) =>
  parseStreamMonitor({
    apiVersion: 'streammonitor.dev/v1alpha1',
    kind: 'StreamMonitor',
    metadata: { name: 'sports' },
    spec: { streams: entries.map((entry) => ({ url: 'https://origin.example/a.m3u8', ...entry })) },
  }).spec.streams;

describe('watchedStreams', () => {
  it('has a stream for each height, in its place, with all else that the entry says', () => {
    const entries = streams([
      { name: 'a' },
      { name: 'b', priority: 80, rendition: { heights: [1080, 480] } },
      { name: 'c', rendition: { maxHeight: 720 } },
    ]);
    const watched = watchedStreams(entries);
    expect(watched.map(({ name, rendition }) => [name, rendition])).toEqual([
      ['a', { select: 'highest' }],
      ['b@1080p', { select: 'highest', heights: [1080] }],
      ['b@480p', { select: 'highest', heights: [480] }],
      ['c', { select: 'highest', maxHeight: 720 }],
    ]);
    expect(watched[1]).toEqual({ ...entries[1], name: 'b@1080p', rendition: watched[1]!.rendition });
    expect(watchedCount(entries)).toBe(watched.length);
  });

  it('gives back what stands for itself as it is', () => {
    const entries = streams([{ name: 'a' }, { name: 'b' }]);
    expect(watchedStreams(entries)).toBe(entries);
  });

  it('names streams by a form that is known, of a length that is known', () => {
    const suffix = renditionStreamName('', tallest);
    expect(suffix).toHaveLength(longestRenditionSuffix);
    for (const height of [1, 720, tallest])
      expect(renditionStreamName('', height)).toMatch(new RegExp(`^${renditionSuffixPattern}$`));
  });
});
