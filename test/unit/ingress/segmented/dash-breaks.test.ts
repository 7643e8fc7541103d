import { describe, expect, it } from 'vitest';
import {
  parseDashManifest,
  representationPlaylist,
} from '../../../../monitor/ingress/segmented/dash-manifest.ts';
import { spliceSection } from '../breaks/splice-section.ts';

/** What a manifest announces whose one period begins at 60 s and has these event streams. */
function announcements(eventStreams: string) {
  const text = `<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" xmlns:scte35="http://www.scte.org/schemas/35/2016" type="static"
  mediaPresentationDuration="PT2M" minBufferTime="PT2S" profiles="urn:mpeg:dash:profile:isoff-live:2011">
  <Period id="a" start="PT60S" duration="PT60S">
    ${eventStreams}
    <AdaptationSet contentType="video" mimeType="video/mp4" segmentAlignment="true">
      <SegmentTemplate timescale="1000" duration="6000" startNumber="1" media="$Number$.m4s" initialization="i.mp4"/>
      <Representation id="v" bandwidth="1000000" width="640" height="360" codecs="avc1.4d401e"/>
    </AdaptationSet>
  </Period>
</MPD>`;
  const manifest = parseDashManifest(text, 'https://origin.example/live.mpd', 0, { keyed: false });
  return representationPlaylist(manifest, manifest.playlists![0]!.attributes.NAME, undefined);
}

const stream = (scheme: string, events: string, more = 'timescale="1000"') =>
  `<EventStream schemeIdUri="urn:scte:scte35:${scheme}" ${more}>${events}</EventStream>`;
const binary = (message: Buffer) =>
  `<Signal xmlns="http://www.scte.org/schemas/35/2016"><Binary>${message.toString('base64')}</Binary></Signal>`;

describe('event streams of a DASH manifest', () => {
  it('count on the clock of its segments', () => {
    const message = spliceSection({ event: 7, time: 5, duration: 30 });
    const event = `<Event presentationTime="15000" duration="20000" id="1">${binary(message)}</Event>`;
    const { segments, ...playlist } = announcements(stream('2014:xml+bin', event));
    expect(playlist.announcements).toEqual([
      { at: 75, news: [{ cue: 'out', event: 'insert/7', duration: 30 }] },
    ]);
    expect(segments.slice(0, 2).map(({ clock }) => clock)).toEqual([60, 66]);
  });

  it('take off the offset of their own timeline, and give a duration that the message lacks', () => {
    const event = `<Event presentationTime="115000" duration="20000">${binary(spliceSection({ event: 7 }))}</Event>`;
    const offset = 'timescale="1000" presentationTimeOffset="100000"';
    expect(announcements(stream('2014:xml+bin', event, offset)).announcements).toEqual([
      { at: 75, news: [{ cue: 'out', event: 'insert/7', duration: 20 }] },
    ]);
  });

  it('may hold the message alone', () => {
    const message = spliceSection({ segmentation: 0x31, event: 9 }).toString('base64');
    const events =
      `<Event presentationTime="1000">${message}</Event>` +
      `<Event presentationTime="2000" messageData="${message}"/>`;
    expect(announcements(stream('2013:bin', events)).announcements).toMatchObject([
      { at: 61, news: [{ cue: 'in', event: 'segmentation/9/48' }] },
      { at: 62, news: [{ cue: 'in', event: 'segmentation/9/48' }] },
    ]);
  });

  it('may hold XML', () => {
    const insert = (attributes: string, inner = '') =>
      `<Event presentationTime="5000"><scte35:SpliceInfoSection protocolVersion="0">
         <scte35:SpliceInsert spliceEventId="3" ${attributes}>${inner}</scte35:SpliceInsert>
       </scte35:SpliceInfoSection></Event>`;
    const signal = `<Event presentationTime="9000"><scte35:SpliceInfoSection>
        <scte35:TimeSignal><scte35:SpliceTime ptsTime="900000"/></scte35:TimeSignal>
        <scte35:SegmentationDescriptor segmentationEventId="4" segmentationTypeId="52" segmentationDuration="2700000"/>
      </scte35:SpliceInfoSection></Event>`;
    const lasting = '<scte35:BreakDuration autoReturn="true" duration="1350000"/>';
    const events = [
      insert('outOfNetworkIndicator="true"', lasting),
      insert('outOfNetworkIndicator="false"'),
      insert('spliceEventCancelIndicator="1"'),
      signal,
      '<Event presentationTime="9000"><scte35:SpliceInfoSection><scte35:SpliceNull/></scte35:SpliceInfoSection></Event>',
    ];
    const { announcements: told } = announcements(stream('2013:xml', events.join('')));
    expect(told).toEqual([
      { at: 65, news: [{ cue: 'out', event: 'insert/3', duration: 15 }] },
      { at: 65, news: [{ cue: 'in', event: 'insert' }] },
      { at: 65, news: [{ cue: 'cancel', event: 'insert/3' }] },
      { at: 69, news: [{ cue: 'out', event: 'segmentation/4/52', duration: 30 }] },
    ]);
  });

  it('of other schemes, and what cannot be read, say nothing', () => {
    const event = `<Event presentationTime="1000">${binary(spliceSection({}))}</Event>`;
    const other = `<EventStream schemeIdUri="urn:mpeg:dash:event:2012" timescale="1">${event}</EventStream>`;
    const broken = stream('2014:xml+bin', '<Event presentationTime="0">AAAA</Event><Event/>');
    expect(announcements(other + broken)).not.toHaveProperty('announcements');
    // Those after them keep their own times.
    expect(announcements(other + broken + stream('2014:xml+bin', event)).announcements).toMatchObject([
      { at: 61 },
    ]);
  });
});
