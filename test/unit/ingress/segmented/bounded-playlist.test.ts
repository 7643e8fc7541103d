import { describe, expect, it } from 'vitest';
import { boundedPlaylist } from '../../../../monitor/ingress/segmented/bounded-playlist.ts';
import { parseHlsPlaylist } from '../../../../monitor/ingress/segmented/hls-playlist.ts';
import type { MediaPlaylist } from '../../../../monitor/ingress/segmented/media-playlist.ts';

const base = 'https://origin.example/live/index.m3u8';

function media(...lines: string[]): MediaPlaylist {
  const parsed = parseHlsPlaylist(['#EXTM3U', '#EXT-X-TARGETDURATION:4', ...lines].join('\n'), base);
  if (parsed.kind !== 'media') throw new Error('expected a media playlist');
  return parsed.playlist;
}

const segments = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ['#EXTINF:4,', `${from + index}.ts`]).flat();

const refused = expect.objectContaining({ reason: 'UnsupportedStream' });
const notMedia = expect.objectContaining({ reason: 'NotMedia' });

describe('a live playlist that goes back for days', () => {
  it('is read from its end, with numbers, keys, maps and clock as they are', () => {
    const long = [
      ...['#EXT-X-MEDIA-SEQUENCE:70', '#EXT-X-DISCONTINUITY-SEQUENCE:5'],
      ...['#EXT-X-KEY:METHOD=AES-128,URI="old"', '#EXT-X-MAP:URI="init.mp4"'],
      '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z',
      ...segments(10),
      ...['#EXT-X-DISCONTINUITY', '#EXT-X-KEY:METHOD=AES-128,URI="new"'],
      ...segments(4990, 10),
    ];
    const { segments: read } = media(...long);
    expect(read).toHaveLength(2000);
    expect(read[0]).toMatchObject({
      ...{ sequence: 70 + 3000, uri: 'https://origin.example/live/3000.ts', discontinuities: 6 },
      key: { uri: 'https://origin.example/live/new' },
      init: { uri: 'https://origin.example/live/init.mp4' },
      clock: Date.parse('2026-01-01T00:00:00Z') / 1000 + 3000 * 4,
    });
    expect(read.at(-1)).toMatchObject({ sequence: 70 + 4999, uri: 'https://origin.example/live/4999.ts' });
  });

  it('is read whole when it has an end, up to a hundred thousand segments', () => {
    expect(media(...segments(3000), '#EXT-X-ENDLIST').segments).toHaveLength(3000);
    expect(() => boundedPlaylist(['#EXTM3U', ...segments(45_001)].join('\n'))).toThrow(refused);
  });
});

describe('a playlist that would take its reader hours', () => {
  it.each([
    ['attributes that are commas alone', `#EXT-X-STREAM-INF:${','.repeat(1_000_000)}`],
    ['many lines of them', `#EXT-X-STREAM-INF:${','.repeat(15_000)}\n`.repeat(20)],
    ['spaces within values', `#EXT-X-KEY:METHOD=${' '.repeat(15_000)}x\n`.repeat(20)],
    ['variables that double', '#EXT-X-DEFINE:NAME="a",VALUE="{$b}{$c}"'],
    ['long variables', `#EXT-X-DEFINE:NAME="a",VALUE="${'x'.repeat(2000)}"`],
    ['date ranges without end', '#EXT-X-DATERANGE:ID="a"\n'.repeat(3000)],
    ['variants without end', '#EXT-X-STREAM-INF:BANDWIDTH=1\na\n'.repeat(3000)],
  ])('is refused at once: %s', (_, text) => {
    const began = performance.now();
    expect(() => media(text, ...segments(1))).toThrow(refused);
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it('reads a day of signed keys and of long titles', () => {
    const signed = `#EXT-X-KEY:METHOD=AES-128,URI="https://keys.example/k?${'signature='.padEnd(200, 'a')}",IV=0x${'0'.repeat(32)}`;
    const day = Array.from({ length: 43_200 }, (_, n) => [
      signed,
      `#EXTINF:2,${'a title '.repeat(10)}`,
      `${n}.ts`,
    ]);
    expect(boundedPlaylist(['#EXTM3U', ...day.flat(), '#EXT-X-ENDLIST'].join('\n'))).toContain('43199.ts');
  });
});

it('never lets a name of a playlist reach the prototype of all objects', () => {
  for (const line of [
    '#EXT-X-MEDIA:TYPE=__proto__,GROUP-ID="polluted",NAME="x"',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="__proto__",NAME="polluted"',
  ]) {
    expect(() => media(line, '#EXT-X-STREAM-INF:BANDWIDTH=1', 'a.m3u8')).toThrow(refused);
  }
  expect({}).not.toHaveProperty('polluted');
});

it('refuses numbers of segments that are none', () => {
  for (const number of ['99999999999999999999999', '-7', '.']) {
    const key = '#EXT-X-KEY:METHOD=AES-128,URI="k"';
    if (number === '.')
      expect(media(`#EXT-X-MEDIA-SEQUENCE:${number}`, key, ...segments(1)).segments).toHaveLength(1);
    else expect(() => media(`#EXT-X-MEDIA-SEQUENCE:${number}`, key, ...segments(1))).toThrow(notMedia);
  }
});

it('takes no segment for longer than a day', () => {
  const { segments: read } = media(`#EXTINF:${'9'.repeat(400)},`, 'a.ts');
  expect(read[0]!.duration).toBe(86_400);
});
