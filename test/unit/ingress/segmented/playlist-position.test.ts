import { describe, expect, it } from 'vitest';
import type { MediaPlaylist } from '../../../../monitor/ingress/segmented/media-playlist.ts';
import {
  reloadDelay,
  staleAfter,
  startSequence,
  step,
} from '../../../../monitor/ingress/segmented/playlist-position.ts';

function playlist(first: number, count: number, ended = false, duration = 4): MediaPlaylist {
  const segments = Array.from({ length: count }, (_, index) => ({
    uri: `https://origin.example/${first + index}.ts`,
    sequence: first + index,
    duration,
    discontinuity: false,
    gap: false,
  }));
  return { targetDuration: 4, segments, ended, numbered: true };
}

describe('start', () => {
  it('is three target durations from the end of a live playlist (RFC 8216 §6.3.3)', () => {
    expect(startSequence(playlist(100, 10))).toBe(107);
    expect(startSequence(playlist(100, 10, false, 3))).toBe(106);
    expect(startSequence(playlist(100, 2))).toBe(100);
    expect(startSequence(playlist(0, 0))).toBeUndefined();
  });

  it('is the beginning of a finite one', () => {
    expect(startSequence(playlist(5, 10, true))).toBe(5);
  });
});

describe('step', () => {
  it('goes on where the reader stands', () => {
    expect(step(playlist(100, 10), 104)).toMatchObject({
      step: 'segment',
      segment: { sequence: 104 },
      skipped: 0,
    });
    expect(step(playlist(100, 10), 110)).toEqual({ step: 'wait' });
    expect(step(playlist(100, 10, true), 110)).toEqual({ step: 'end' });
  });

  it('counts segments that left the playlist', () => {
    expect(step(playlist(100, 10), 96)).toMatchObject({ segment: { sequence: 100 }, skipped: 4 });
  });

  it('takes a playlist that went back for a restart, unless an edge only lags', () => {
    expect(step(playlist(98, 10), 110)).toEqual({ step: 'wait' });
    expect(step(playlist(0, 3), 110)).toEqual({ step: 'restarted' });
  });
});

describe('reloading (RFC 8216 §6.3.4)', () => {
  it('waits a target duration, and half of it when nothing was new', () => {
    expect(reloadDelay(playlist(0, 5), true)).toBe(4);
    expect(reloadDelay(playlist(0, 5), false)).toBe(2);
  });

  it('calls a playlist stale after some target durations', () => {
    expect(staleAfter(playlist(0, 5))).toBe(20);
    expect(staleAfter({ ...playlist(0, 5), targetDuration: 1 })).toBe(15);
    expect(staleAfter({ ...playlist(0, 5), targetDuration: 30 })).toBe(60);
    expect(staleAfter(playlist(0, 0))).toBe(8);
  });
});
