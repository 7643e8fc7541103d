import { describe, expect, it } from 'vitest';
import {
  parseDashManifest,
  representationPlaylist,
} from '../../../../monitor/ingress/segmented/dash-manifest.ts';

const base = 'https://origin.example/live/stream.mpd';
const now = Date.parse('2026-01-01T00:00:00Z');

function read(segmentation: string, attributes: string) {
  const representation = `<Representation id="v" bandwidth="1" width="64" height="36" codecs="avc1.42c00d">${segmentation}</Representation>`;
  const text = `<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" ${attributes}><Period start="PT0S"><AdaptationSet mimeType="video/mp4" contentType="video">${representation}</AdaptationSet></Period></MPD>`;
  return parseDashManifest(text, base, now, { keyed: false });
}

const template = (attributes: string, content = '') =>
  `<SegmentTemplate media="s$Time$.m4s" initialization="i.mp4" ${attributes}>${content}</SegmentTemplate>`;
const timeline = (...lines: string[]) =>
  template('timescale="1000"', `<SegmentTimeline>${lines.join('')}</SegmentTimeline>`);
const live = 'type="dynamic" minimumUpdatePeriod="PT2S" availabilityStartTime="1970-01-01T00:00:00Z"';
const finite = (duration: string) => `type="static" mediaPresentationDuration="${duration}"`;

describe('a manifest of more segments than anyone lists', () => {
  it.each([
    ['a decade of seconds', template('duration="1"'), finite('P10Y')],
    ['an hour of microseconds', template('duration="1" timescale="1000000"'), finite('PT1H')],
    ['live since 1970 without a window', template('duration="2"'), live],
    ['repeated for ever', timeline('<S t="0" d="1" r="4000000000"/>'), finite('PT1H')],
    ['repeated up to the end', timeline('<S t="0" d="1" r="-1"/>'), finite('P1D')],
    [
      'repeated up to a far next',
      timeline('<S t="0" d="1" r="-1"/><S t="900000000000" d="1"/>'),
      finite('PT1H'),
    ],
    ['of no duration, repeated', timeline('<S t="0" d="0" r="-1"/>'), finite('PT1H')],
    [
      'elements without end',
      `<SegmentTemplate media="s">${'<a/>'.repeat(200_000)}</SegmentTemplate>`,
      finite('PT1H'),
    ],
    [
      'addresses of a billion zeros',
      template('duration="2"').replace('$Time$', '$Number%0999999999d$'),
      finite('PT1H'),
    ],
    ['a reserved name', template('duration="2" __proto__="1"'), finite('PT1H')],
  ])('is refused at once: %s', (_, segmentation, attributes) => {
    const began = performance.now();
    expect(() => read(segmentation, attributes)).toThrow(
      expect.objectContaining({ reason: 'UnsupportedStream' }),
    );
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

describe('an ordinary manifest', () => {
  it.each([
    ['a day of two seconds', template('duration="2"'), finite('P1D'), 43_200],
    ['live since 1970 with a window', template('duration="2"'), `${live} timeShiftBufferDepth="PT60S"`, 30],
    [
      'live, the time since 1970 in its timeline',
      timeline(`<S t="${now - 60_000}" d="2000"/>`, '<S d="2000" r="28"/>'),
      live,
      30,
    ],
  ])('is read: %s', (_, segmentation, attributes, listed) => {
    expect(read(segmentation, attributes).playlists![0]!.segments).toHaveLength(listed);
  });
});

it('takes no duration of a segment that is below zero or longer than a day', () => {
  const list = template('duration="999999999"').replace('duration=', 'endNumber="3" duration=');
  const { segments } = representationPlaylist(read(list, finite('PT1H')), 'v', undefined);
  expect(segments.map(({ duration }) => duration)).toEqual([86_400, 86_400, 0]);
});
