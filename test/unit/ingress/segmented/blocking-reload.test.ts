import { describe, expect, it } from 'vitest';
import { IngressError } from '../../../../monitor/ingress/ingress.ts';
import { BlockingReload } from '../../../../monitor/ingress/segmented/blocking-reload.ts';
import type {
  MediaPlaylist,
  PlaylistPosition,
  Rendition,
} from '../../../../monitor/ingress/segmented/media-playlist.ts';

const playlist = (last: number, more: Partial<MediaPlaylist> = {}): MediaPlaylist => ({
  targetDuration: 0.02,
  segments: [{ sequence: last, uri: 'a', duration: 1, discontinuity: false, gap: false }],
  ...{ ended: false, numbered: true, blocks: true, ...more },
});
const open = (sequence: number, count: number) => ({
  ...{ sequence, duration: 1, discontinuity: false, gap: false },
  parts: Array.from({ length: count }, () => ({ uri: 'p', duration: 0.3, gap: false })),
});
const wanted = { sequence: 6, part: 1 };
const { signal } = new AbortController();

function asking(answer: (signal: AbortSignal) => MediaPlaylist | Promise<MediaPlaylist>) {
  const remarks: string[] = [];
  const asked: (PlaylistPosition | undefined)[] = [];
  const reload = new BlockingReload((remark) => remarks.push(remark));
  const rendition: Rendition = {
    carries: 'program',
    load: async (signal, position) => {
      asked.push(position);
      return answer(signal);
    },
  };
  const ask = () => reload.load(rendition, playlist(5), wanted, signal);
  return { reload, ask, remarks, asked, asks: () => reload.asks(playlist(5), wanted) };
}

describe('a reload that the server holds', () => {
  it('is asked for where the server says that it can, and what is wanted is not there yet', () => {
    const { reload } = asking(() => playlist(5));
    const { blocks: _, ...silent } = playlist(5);
    expect(reload.asks(silent, wanted)).toBe(false);
    expect(reload.asks(playlist(5, { ended: true }), wanted)).toBe(false);
    expect(reload.asks(playlist(6), wanted)).toBe(false);
    expect(reload.asks(playlist(5, { open: open(6, 2) }), wanted)).toBe(false);
    expect(reload.asks(playlist(5, { open: open(6, 1) }), wanted)).toBe(true);
  });

  it.each([2.0001, 1 / 3, 1e-7, 86_400])(
    'waits for it by a target duration of %d s',
    async (targetDuration) => {
      const answer = playlist(6);
      const rendition: Rendition = { carries: 'program', load: async () => answer };
      const reload = new BlockingReload(() => {});
      expect(await reload.load(rendition, playlist(5, { targetDuration }), wanted, signal)).toBe(answer);
    },
  );

  it.each([
    ['the part', playlist(5, { open: open(6, 2) })],
    ['the whole segment', playlist(6)],
    ['the end', playlist(5, { ended: true })],
  ])('brings %s', async (_, answer) => {
    const { ask, asks, asked } = asking(() => answer);
    expect(asks()).toBe(true);
    expect(await ask()).toBe(answer);
    expect(asked).toEqual([wanted]);
    expect(asks()).toBe(true);
  });

  it.each([
    ['answers at once with what there was', () => playlist(5, { open: open(6, 1) })],
    [
      'refuses',
      () => {
        throw new IngressError('UpstreamError', 'HTTP 400');
      },
    ],
  ])(
    'is given up after a server three times %s, and is followed by a plain one each time',
    async (_, answer) => {
      const { ask, asks, remarks } = asking(answer);
      for (let time = 0; time < 3; time++) {
        expect(asks()).toBe(true);
        expect(await ask()).toBeUndefined();
        expect(remarks).toHaveLength(time < 2 ? 0 : 1);
        expect(asks()).toBe(false);
      }
      expect(asks()).toBe(false);
    },
  );

  it('is waited for no longer than until the playlist is stale, and not asked for again until there is a segment', async () => {
    const { reload, ask, asks, remarks } = asking(
      (held) =>
        new Promise((_, reject) =>
          held.addEventListener('abort', () => reject(new IngressError('Unreachable', 'cut'))),
        ),
    );
    expect(asks()).toBe(true);
    expect(await ask()).toBeUndefined();
    expect([asks(), asks()]).toEqual([false, false]);
    const later = { sequence: 7, part: 0 };
    expect([reload.asks(playlist(6), later), reload.asks(playlist(6), later)]).toEqual([false, true]);
    expect(remarks).toEqual([]);
  });
});
