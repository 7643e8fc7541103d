import { describe, expect, it } from 'vitest';
import type { BreakCue } from '../../../../monitor/ingress/breaks/break-cue.ts';
import { parseHlsPlaylist } from '../../../../monitor/ingress/segmented/hls-playlist.ts';
import type { MediaPlaylist } from '../../../../monitor/ingress/segmented/media-playlist.ts';
import { SegmentCues } from '../../../../monitor/ingress/segmented/segment-cues.ts';
import { spliceSection } from '../breaks/splice-section.ts';

/** A playlist of segments of 6 s, of which some have tags before them; the first is number 40. */
function playlist(...segments: readonly (readonly string[])[]): MediaPlaylist {
  const lines = segments.flatMap((tags, index) => [...tags, '#EXTINF:6,', `${index}.ts`]);
  const head = ['#EXTM3U', '#EXT-X-VERSION:6', '#EXT-X-TARGETDURATION:6', '#EXT-X-MEDIA-SEQUENCE:40'];
  const parsed = parseHlsPlaylist([...head, ...lines, ''].join('\n'), 'https://origin.example/live.m3u8');
  if (parsed.kind !== 'media') throw new Error('a media playlist was expected');
  return parsed.playlist;
}

/** What is told while all segments are read, those in `missing` without success; segment n begins at PTS 100 + 6 n. */
function told(list: MediaPlaylist, missing: readonly number[] = []): BreakCue[] {
  const cues: BreakCue[] = [];
  const reader = new SegmentCues((cue) => cues.push(cue));
  for (const [index, segment] of list.segments.entries()) {
    reader.begin(segment, list);
    reader.starts(undefined);
    // Said again with each chunk of the segment.
    for (let chunk = 0; chunk < 2; chunk++) if (!missing.includes(index)) reader.starts(100 + 6 * index);
  }
  return cues;
}

describe('cue tags', () => {
  it.each([
    ['#EXT-X-CUE-OUT', {}],
    ['#EXT-X-CUE-OUT:', {}],
    ['#EXT-X-CUE-OUT:30', { duration: 30 }],
    ['#EXT-X-CUE-OUT:30.5', { duration: 30.5 }],
    ['#EXT-X-CUE-OUT:DURATION=30', { duration: 30 }],
    ['#EXT-X-CUE-OUT:ID="a",Duration="29.97",CUE=x', { duration: 29.97 }],
  ])('%s begins a break', (tag, duration) => {
    expect(told(playlist([], [tag], []))).toEqual([
      { cue: 'out', event: 'cue-out/41', ...duration, pts: 106, after: 0 },
    ]);
  });

  it.each([
    ['#EXT-X-CUE-OUT-CONT:8/30', 8, { duration: 30 }],
    ['#EXT-X-CUE-OUT-CONT:8.5', 8.5, {}],
    ['#EXT-X-CUE-OUT-CONT:ElapsedTime=8,Duration=30,SCTE35=/DA0AAA', 8, { duration: 30 }],
    ['#EXT-X-CUE-OUT-CONT', 0, {}],
  ])('%s says that one goes on', (tag, elapsed, duration) => {
    expect(told(playlist([tag]))).toEqual([
      { cue: 'under-way', event: 'cue-out/40', ...duration, pts: 100, after: 0 - elapsed },
    ]);
  });

  it('end a break, and begin the next at once', () => {
    expect(told(playlist([], ['#EXT-X-CUE-IN', '#EXT-X-CUE-OUT:15']))).toMatchObject([
      { cue: 'in', event: 'cue-out', pts: 106 },
      { cue: 'out', event: 'cue-out/41', duration: 15, pts: 106 },
    ]);
  });

  it('at a segment that cannot be read are told with the next', () => {
    expect(told(playlist([], ['#EXT-X-CUE-OUT:30'], [], []), [1, 2])).toEqual([
      { cue: 'out', event: 'cue-out/41', duration: 30, pts: 118, after: -12 },
    ]);
  });
});

describe('date ranges with SCTE-35 attributes (RFC 8216 §4.3.2.7.1)', () => {
  const clock = '#EXT-X-PROGRAM-DATE-TIME:2026-03-01T12:00:00Z';
  const range = (attributes: string) => `#EXT-X-DATERANGE:ID="ad-1",${attributes}`;
  const start = 'START-DATE="2026-03-01T12:00:09Z"';
  const hex = (message: Buffer) => `0x${message.toString('hex').toUpperCase()}`;
  const out = hex(spliceSection({ time: 5, duration: 20 }));
  const first = (tags: readonly string[]) => told(playlist([clock, ...tags], []))[0];

  it('are told at each segment, counted on its date', () => {
    expect(told(playlist([clock, range(`${start},PLANNED-DURATION=30,SCTE35-OUT=${out}`)], []))).toEqual([
      { cue: 'out', event: 'daterange/ad-1', duration: 30, pts: 100, after: 9 },
      { cue: 'out', event: 'daterange/ad-1', duration: 30, pts: 106, after: 3 },
    ]);
  });

  it('last as long as they do, before what was planned, before what the message says', () => {
    const planned = `PLANNED-DURATION=30,SCTE35-OUT=${out}`;
    expect(first([range(`${start},DURATION=25,${planned}`)])).toMatchObject({ duration: 25 });
    expect(first([range(`${start},END-DATE="2026-03-01T12:00:20Z",${planned}`)])).toMatchObject({
      duration: 11,
    });
    expect(first([range(`${start},SCTE35-OUT=${out}`)])).toMatchObject({ duration: 20 });
    expect(first([range(`${start},SCTE35-OUT=0xFC00`)])).toEqual({
      ...{ cue: 'out', event: 'daterange/ad-1', pts: 100, after: 9 },
    });
  });

  it('end with the tag of the return, of the same ID', () => {
    const back = hex(spliceSection({ out: false, time: 25 }));
    const tags = [
      range(`${start},PLANNED-DURATION=30,SCTE35-OUT=${out}`),
      range(`DURATION=18,SCTE35-IN=${back}`),
    ];
    expect(first(tags)).toMatchObject({ cue: 'out', duration: 18, after: 9 });
    expect(first([range(`${start},SCTE35-IN=${back}`)])).toMatchObject({
      cue: 'in',
      event: 'daterange',
      after: 9,
    });
  });

  it('may carry a command, whose duration the range can give', () => {
    const command = (message: Buffer, more = '') =>
      first([range(`${start}${more},SCTE35-CMD=${hex(message)}`)]);
    expect(command(spliceSection({ event: 7, time: 5 }), ',PLANNED-DURATION=30')).toMatchObject({
      ...{ cue: 'out', event: 'insert/7', duration: 30, after: 9 },
    });
    expect(command(spliceSection({ event: 7, segmentation: 0x31 }))).toMatchObject({
      event: 'segmentation/7/48',
    });
    expect(command(spliceSection({ event: 7, cancelled: true }))).toMatchObject({ cue: 'cancel' });
    expect(command(spliceSection({ encrypted: true }))).toBeUndefined();
  });

  it('and cue tags are told of a segment that is read while it is made', () => {
    const head = ['#EXTM3U', '#EXT-X-TARGETDURATION:6', '#EXT-X-PART-INF:PART-TARGET=1', clock];
    const range35 = range(`${start},SCTE35-OUT=${out}`);
    const parts = ['#EXT-X-CUE-OUT:30', '#EXT-X-PART:DURATION=1,URI="1.0.ts"'];
    const lines = [...head, range35, '#EXTINF:6,', '0.ts', ...parts, ''].join('\n');
    const parsed = parseHlsPlaylist(lines, 'https://origin.example/live.m3u8');
    if (parsed.kind !== 'media') throw new Error('a media playlist was expected');
    const cues: BreakCue[] = [];
    const reader = new SegmentCues((cue) => cues.push(cue));
    reader.begin(parsed.playlist.open!, parsed.playlist);
    reader.starts(106);
    expect(cues).toEqual([
      { cue: 'out', event: 'cue-out/1', duration: 30, pts: 106, after: 0 },
      { cue: 'out', event: 'daterange/ad-1', duration: 20, pts: 106, after: 3 },
    ]);
  });

  it('say nothing without SCTE-35 attributes, without a date, or where the playlist has no clock', () => {
    expect(first([range(`${start},DURATION=30,X-COM-EXAMPLE="a"`)])).toBeUndefined();
    expect(first([range(`START-DATE="soon",SCTE35-OUT=${out}`)])).toBeUndefined();
    expect(told(playlist([range(`${start},SCTE35-OUT=${out}`)]))).toEqual([]);
  });
});
