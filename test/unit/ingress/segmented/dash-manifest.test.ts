import { expect, it } from 'vitest';
import {
  parseDashManifest,
  publishTime,
  representationPlaylist,
} from '../../../../monitor/ingress/segmented/dash-manifest.ts';

const manifest = (attributes: string) => `<?xml version="1.0" encoding="utf-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="dynamic" availabilityStartTime="2026-01-01T00:00:00Z"
  ${attributes} minimumUpdatePeriod="PT10S">
  <Period id="0" start="PT0S"><AdaptationSet contentType="video"><Representation id="v" bandwidth="1000">
    <SegmentTemplate timescale="1" initialization="i.mp4" media="$Number$.m4s" startNumber="1">
      <SegmentTimeline><S t="0" d="4" r="2"/></SegmentTimeline>
    </SegmentTemplate>
  </Representation></AdaptationSet></Period>
</MPD>`;

it('knows when a manifest was published and how often it is made anew', () => {
  const text = manifest('publishTime="2026-01-01T00:00:12Z"');
  const published = publishTime(text);
  expect(published).toBe(Date.UTC(2026, 0, 1, 0, 0, 12));
  const parsed = parseDashManifest(text, 'https://origin.example/m.mpd', Date.UTC(2026, 0, 1, 0, 1), {
    keyed: false,
  });
  expect(representationPlaylist(parsed, 'v', published)).toMatchObject({
    ...{ targetDuration: 4, ended: false, numbered: false, published, updatePeriod: 10 },
    segments: [{ duration: 4 }, { duration: 4 }, { duration: 4 }],
  });
});

it.each(['', 'publishTime="soon"'])('takes no time from %j', (attributes) => {
  expect(publishTime(manifest(attributes))).toBeUndefined();
});
