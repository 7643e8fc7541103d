import { expect, it } from 'vitest';
import { LiveEdges } from '../../../../monitor/ingress/segmented/live-edges.ts';
import { SegmentLengths } from '../../../../monitor/ingress/segmented/segment-lengths.ts';

const ptsWrap = 2 ** 33 / 90_000;

/** By how much each segment is off, by the starts of the segments. */
function mismatches(durations: readonly number[], starts: readonly (number | undefined)[], skip = 0) {
  const lengths = new SegmentLengths();
  return starts.map((start, index) => {
    const sequence = index + (index >= 2 ? skip : 0);
    const segment = { uri: '', sequence, duration: durations[index]!, discontinuity: false, gap: false };
    return lengths.add(segment, start);
  });
}

it('measures each segment by the start of the next, over the wrap of timestamps', () => {
  const [, first, second] = mismatches([4.5, 4.5, 4.5], [ptsWrap - 5, ptsWrap - 0.5, 4.5]);
  expect(first).toBeCloseTo(0, 6);
  expect(second).toBeCloseTo(0.5, 6);
});

it('allows whole seconds half a second of rounding', () => {
  expect(mismatches([4, 4, 4], [0, 4.4, 9.9])).toEqual([undefined, 0, expect.closeTo(1, 6)]);
});

it('measures nothing across segments that were not read, or have no known start', () => {
  expect(mismatches([4.5, 4.5, 4.5], [0, 4.5, 13.5], 1)[2]).toBeUndefined();
  expect(mismatches([4.5, 4.5, 4.5], [0, undefined, 9])).toEqual([undefined, undefined, undefined]);
});

it('finds the track that is behind another, beyond what the loads of their playlists explain', () => {
  const edges = new LiveEdges();
  const [picture, sound] = [{}, {}];
  expect(edges.reached(picture, 100, 0, 4)).toBeUndefined();
  expect(edges.reached(sound, 92, 1, 4)).toBeUndefined();
  expect(edges.reached(picture, 104, 4, 4)).toBeUndefined();
  expect(edges.reached(sound, 92, 5, 4)).toBeCloseTo(3, 6);
  // What was loaded long ago says nothing.
  expect(edges.reached(sound, 92, 30, 4)).toBeUndefined();
});
