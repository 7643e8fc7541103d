import { describe, expect, it } from 'vitest';
import type { MediaPlaylist } from '../../../../monitor/ingress/segmented/media-playlist.ts';
import { PlaylistWatch } from '../../../../monitor/ingress/segmented/playlist-watch.ts';

interface Shape {
  readonly discontinuities?: number;
  readonly ended?: boolean;
  /** Of the first segment's file; its sequence number where not given. */
  readonly file?: number;
  readonly published?: number;
  readonly updatePeriod?: number;
}

/** Four-second segments from a sequence number on. */
function playlist(first: number, count: number, shape: Shape = {}): MediaPlaylist {
  const { discontinuities = 0, ended = false, file = first, ...more } = shape;
  return {
    ...{ targetDuration: 4, ended, numbered: more.published === undefined, ...more },
    segments: Array.from({ length: count }, (_, index) => ({
      ...{ uri: `https://origin.example/${file + index}.ts`, sequence: first + index, duration: 4 },
      ...{ discontinuity: false, gap: false, discontinuities },
    })),
  };
}

/** Faults at each load, which are `every` seconds apart. */
function watched(loads: readonly MediaPlaylist[], every = 4) {
  const [first, ...later] = loads;
  const watch = new PlaylistWatch(first!, 0);
  return later.map((load, index) => watch.loaded(load, (index + 1) * every).map(({ fault }) => fault));
}

describe('numbers of segments (RFC 8216 §6.2.2)', () => {
  it('rise as segments are added and removed', () => {
    expect(watched([playlist(10, 5), playlist(11, 5), playlist(12, 5), playlist(12, 6)])).toEqual([
      [],
      [],
      [],
    ]);
  });

  it('that go back are told once, and followed from there', () => {
    expect(watched([playlist(100, 5), playlist(0, 5), playlist(1, 5)])).toEqual([['sequence'], []]);
    expect(watched([playlist(100, 5), playlist(98, 8)])).toEqual([['sequence']]);
  });

  it('of an older copy, as another edge server may hold, are told apart', () => {
    const loads = [playlist(10, 5), playlist(11, 5), playlist(10, 5), playlist(12, 5), playlist(12, 5)];
    expect(watched(loads)).toEqual([[], ['older-copy'], [], []]);
  });

  it('may run ahead as far as time went on, or a list is long', () => {
    expect(watched([playlist(10, 5), playlist(20, 5)])).toEqual([[]]);
    expect(watched([playlist(10, 5), playlist(40, 5)], 120)).toEqual([[]]);
    expect(watched([playlist(10, 5), playlist(40, 5)])).toEqual([['sequence']]);
  });

  it('stay with their segments; a slate may be listed again', () => {
    expect(watched([playlist(10, 5), playlist(12, 5, { file: 10 })])).toEqual([['sequence']]);
    const slate = { ...playlist(11, 5).segments[0]!, uri: 'https://origin.example/slate.ts' };
    const slates = (first: number) => ({
      ...playlist(first, 3),
      segments: [0, 1, 2].map((index) => ({ ...slate, sequence: first + index })),
    });
    expect(watched([slates(10), slates(11), slates(12)])).toEqual([[], []]);
  });

  it('of discontinuities stay with their segments too', () => {
    const loads = [{ discontinuities: 2 }, { discontinuities: 2 }, { discontinuities: 1 }];
    expect(watched(loads.map((shape, index) => playlist(10 + index, 5, shape)))).toEqual([
      [],
      ['discontinuity-sequence'],
    ]);
  });
});

describe('a stale playlist', () => {
  it('has had nothing new for more than 1.5 target durations', () => {
    const same = playlist(10, 5);
    expect(watched([same, same, same, same, playlist(11, 5)], 2)).toEqual([[], [], [], []]);
    expect(watched([same, same, same, same, same, playlist(11, 5)], 2)).toEqual([[], [], [], ['stale'], []]);
    const watch = new PlaylistWatch(same, 0);
    expect(watch.loaded(same, 10)).toEqual([{ fault: 'stale', value: 2.5 }]);
  });

  it('is none that is over, or is made anew less often by its own word', () => {
    const over = playlist(10, 5, { ended: true });
    expect(watched([over, over], 60)).toEqual([[]]);
    const slow = playlist(10, 5, { published: 1, updatePeriod: 30 });
    expect(watched([slow, slow, slow], 20)).toEqual([[], []]);
    expect(watched([slow, slow], 46)).toEqual([['stale']]);
  });

  it('stays stale when older copies come in between', () => {
    const [older, newer] = [playlist(10, 5), playlist(11, 5)];
    expect(watched([older, newer, older, newer])).toEqual([[], ['older-copy'], ['stale']]);
  });
});

it('tells an MPD that was published before the last one, whose numbers are not its own', () => {
  const loads = [5, 6, 4].map((published, index) => playlist(10 - index, 5, { published }));
  expect(watched(loads)).toEqual([[], ['older-copy']]);
});
