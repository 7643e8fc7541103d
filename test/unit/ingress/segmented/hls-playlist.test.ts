import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IngressError } from '../../../../monitor/ingress/ingress.ts';
import { parseHlsPlaylist } from '../../../../monitor/ingress/segmented/hls-playlist.ts';

const base = 'https://origin.example/live/ch1/index.m3u8?token=t';

function media(...lines: string[]) {
  const parsed = parseHlsPlaylist(['#EXTM3U', '#EXT-X-TARGETDURATION:4', ...lines].join('\n'), base);
  if (parsed.kind !== 'media') throw new Error('expected a media playlist');
  return parsed.playlist;
}

describe('media playlists (RFC 8216)', () => {
  it('number segments from the media sequence and resolve their URIs', () => {
    const playlist = media('#EXT-X-MEDIA-SEQUENCE:7', '#EXTINF:4,', 'a.ts', '#EXTINF:3.5,', '/b.ts?x=1');
    expect(playlist).toMatchObject({
      targetDuration: 4,
      ended: false,
      segments: [
        { sequence: 7, duration: 4, uri: 'https://origin.example/live/ch1/a.ts' },
        { sequence: 8, duration: 3.5, uri: 'https://origin.example/b.ts?x=1' },
      ],
    });
  });

  it('may start with a byte order mark', () => {
    const parsed = parseHlsPlaylist('\uFEFF#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\na.ts\n', base);
    expect(parsed).toMatchObject({ kind: 'media', playlist: { segments: [{ duration: 4 }] } });
  });

  it('have the parts of the segment that is being made, and say whether the server holds requests', () => {
    const playlist = media(
      '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.5',
      '#EXT-X-PART-INF:PART-TARGET=0.5',
      '#EXT-X-MEDIA-SEQUENCE:7',
      '#EXT-X-PART:DURATION=0.5,URI="a.0.ts"',
      '#EXTINF:4,',
      'a.ts',
      '#EXT-X-DISCONTINUITY',
      '#EXT-X-PART:DURATION=0.5,URI="b.ts",BYTERANGE="100@0"',
      '#EXT-X-PART:DURATION=0.4,URI="b.ts",BYTERANGE="50",GAP=YES',
      '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="b.ts",BYTERANGE-START=150',
    );
    const uri = (name: string) => `https://origin.example/live/ch1/${name}`;
    expect(playlist).toMatchObject({
      blocks: true,
      partTarget: 0.5,
      segments: [{ sequence: 7, parts: [{ uri: uri('a.0.ts'), duration: 0.5, gap: false }] }],
      open: {
        ...{ sequence: 8, duration: 0.9, discontinuity: true, discontinuities: 1 },
        parts: [
          { uri: uri('b.ts'), range: { offset: 0, length: 100 }, gap: false },
          { uri: uri('b.ts'), range: { offset: 100, length: 50 }, gap: true },
        ],
      },
    });
    expect(media('#EXTINF:4,', 'a.ts')).not.toHaveProperty('blocks');
    expect(media('#EXTINF:4,', 'a.ts')).not.toHaveProperty('open');
  });

  it('number segments after those that a server leaves out unasked, and are read whole then', () => {
    const playlist = media(
      '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES',
      '#EXT-X-PART-INF:PART-TARGET=0.5',
      '#EXT-X-MEDIA-SEQUENCE:7',
      '#EXT-X-SKIP:SKIPPED-SEGMENTS=3',
      '#EXTINF:4,',
      'd.ts',
      '#EXT-X-PART:DURATION=0.5,URI="e.0.ts"',
    );
    expect(playlist.segments).toMatchObject([{ sequence: 10, uri: 'https://origin.example/live/ch1/d.ts' }]);
    expect(playlist).not.toHaveProperty('open');
    expect(playlist).not.toHaveProperty('blocks');
  });

  it('end with EXT-X-ENDLIST', () => {
    expect(media('#EXTINF:4,', 'a.ts', '#EXT-X-ENDLIST').ended).toBe(true);
  });

  it('keep gaps, discontinuities, byte ranges and initialisation sections', () => {
    const playlist = media(
      '#EXT-X-MAP:URI="init.mp4",BYTERANGE="720@0"',
      '#EXT-X-BYTERANGE:1000@720',
      '#EXTINF:4,',
      'all.mp4',
      '#EXT-X-DISCONTINUITY',
      '#EXT-X-GAP',
      '#EXT-X-BYTERANGE:500',
      '#EXTINF:4,',
      'all.mp4',
    );
    expect(playlist.segments).toMatchObject([
      {
        range: { offset: 720, length: 1000 },
        init: { range: { offset: 0, length: 720 } },
        gap: false,
        discontinuity: false,
      },
      { range: { offset: 1720, length: 500 }, gap: true, discontinuity: true },
    ]);
  });

  it('number discontinuities from those that have left the playlist', () => {
    const playlist = media(
      ...['#EXT-X-DISCONTINUITY-SEQUENCE:3', '#EXTINF:4,', 'a.ts', '#EXT-X-DISCONTINUITY'],
      ...['#EXTINF:4,', 'b.ts', '#EXTINF:4,', 'c.ts'],
    );
    expect(playlist.segments.map(({ discontinuities }) => discontinuities)).toEqual([3, 4, 4]);
  });

  it('of low latency are read by their whole segments', () => {
    const playlist = media(
      ...['#EXT-X-VERSION:9', '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.5'],
      ...['#EXT-X-PART-INF:PART-TARGET=0.5', '#EXT-X-MEDIA-SEQUENCE:7', '#EXT-X-MAP:URI="init.mp4"'],
      ...['#EXTINF:4,', 'a.m4s', '#EXT-X-PART:DURATION=0.5,URI="b.0.m4s",INDEPENDENT=YES'],
      ...['#EXT-X-PART:DURATION=0.5,URI="b.1.m4s",GAP=YES', '#EXTINF:1,', 'b.m4s'],
      ...['#EXT-X-PART:DURATION=0.5,URI="c.0.m4s"', '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="c.1.m4s"'],
      '#EXT-X-RENDITION-REPORT:URI="low.m3u8",LAST-MSN=9,LAST-PART=0',
    );
    expect(playlist.ended).toBe(false);
    expect(playlist.segments).toMatchObject([
      { sequence: 7, uri: 'https://origin.example/live/ch1/a.m4s', gap: false },
      { sequence: 8, uri: 'https://origin.example/live/ch1/b.m4s', gap: false },
    ]);
  });

  it('take the IV of the playlist, or the media sequence number', () => {
    const playlist = media(
      '#EXT-X-MEDIA-SEQUENCE:258',
      '#EXT-X-KEY:METHOD=AES-128,URI="k1"',
      '#EXTINF:4,',
      'a.ts',
      '#EXT-X-KEY:METHOD=AES-128,URI="k2",IV=0x000102030405060708090a0b0c0d0e0f',
      '#EXTINF:4,',
      'b.ts',
      '#EXT-X-KEY:METHOD=NONE',
      '#EXTINF:4,',
      'c.ts',
    );
    const [first, second, third] = playlist.segments;
    expect(first!.key!.iv.toString('hex')).toBe('00000000000000000000000000000102');
    expect(first!.key!.uri).toBe('https://origin.example/live/ch1/k1');
    expect(second!.key!.iv.toString('hex')).toBe('000102030405060708090a0b0c0d0e0f');
    expect(third!.key).toBeUndefined();
  });

  it.each([
    'METHOD=SAMPLE-AES,URI="skd://x",KEYFORMAT="com.apple.streamingkeydelivery"',
    'METHOD=SAMPLE-SM4,URI="k"',
    'METHOD=SAMPLE-AES-CTR,URI="data:text/plain;base64,AA==",KEYFORMAT="urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed"',
    'METHOD=AES-128,URI="skd://x",KEYFORMAT="com.apple.streamingkeydelivery"',
  ])('are refused when a licence is needed: %s', (attributes) => {
    expect(() => media(`#EXT-X-KEY:${attributes}`, '#EXTINF:4,', 'a.ts')).toThrow(
      expect.objectContaining({ reason: 'UnsupportedStream' }),
    );
  });

  it('are refused when they are something else', () => {
    expect(() => parseHlsPlaylist('<html></html>', base)).toThrow(
      expect.objectContaining({ reason: 'NotMedia' }),
    );
  });

  it('fail only with an IngressError, whatever the lines', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '#EXTINF:4,',
        '#EXTINF:x',
        'a.ts',
        '#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x1',
        '#EXT-X-MAP:',
      ),
      fc.string().map((text) => `#EXT-X-STREAM-INF:${text}`),
      fc.string().map((text) => `#EXT-X-BYTERANGE:${text}`),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        try {
          parseHlsPlaylist(['#EXTM3U', ...lines].join('\n'), base);
        } catch (error) {
          expect(error).toBeInstanceOf(IngressError);
        }
      }),
    );
  });
});

describe('multivariant playlists', () => {
  it('list variants with the audio that belongs to them', () => {
    const parsed = parseHlsPlaylist(
      `#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="de",AUTOSELECT=YES,URI="de.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="en",DEFAULT=YES,URI="en.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="b",NAME="in",DEFAULT=YES
#EXT-X-STREAM-INF:BANDWIDTH=1000,RESOLUTION=640x360,AUDIO="a"
low.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=2000,CODECS="avc1.4d401f,mp4a.40.2",AUDIO="b"
high.m3u8`,
      base,
    );
    expect(parsed).toEqual({
      kind: 'multivariant',
      variants: [
        {
          uri: 'https://origin.example/live/ch1/low.m3u8',
          bandwidth: 1000,
          height: 360,
          soundtracks: [
            { default: false, autoselect: true, uri: 'https://origin.example/live/ch1/de.m3u8' },
            { default: true, autoselect: true, uri: 'https://origin.example/live/ch1/en.m3u8' },
          ],
        },
        {
          uri: 'https://origin.example/live/ch1/high.m3u8',
          bandwidth: 2000,
          codecs: 'avc1.4d401f,mp4a.40.2',
          soundtracks: [{ default: true, autoselect: true }],
        },
      ],
    });
  });
});
