import { describe, expect, it } from 'vitest';
import { isFor } from '../../../monitor/notifications/incident-filter.ts';
import { incident } from './incidents.ts';

const on = (stream: string) => incident({ stream });

describe('isFor', () => {
  it('takes every incident without a filter that is not advisory', () => {
    for (const filter of [undefined, {}]) {
      expect(isFor(filter, incident())).toBe(true);
      expect(isFor(filter, incident({ severity: 'warning' }))).toBe(true);
      expect(isFor(filter, incident({ severity: 'info' }))).toBe(false);
    }
  });

  it.each([
    ['channel-1', 'channel-1', true],
    ['channel-1', 'channel-10', false],
    ['channel-*', 'channel-1', true],
    ['channel-*', 'channel-', true],
    ['channel-*', 'channel', false],
    ['*-hd', 'news-hd', true],
    ['*-hd', 'news-hd-2', false],
    ['*', 'anything', true],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'acb', false],
    // Neither end may use the same letter.
    ['ab*ba', 'aba', false],
    ['a*a*a', 'aa', false],
    [`${'*a'.repeat(30)}*`, 'a'.repeat(29), false],
  ])('matches the streams of %s with %s: %s', (pattern, stream, matches) => {
    expect(isFor({ streams: ['other', pattern] }, on(stream))).toBe(matches);
  });

  it('wants the detector and the kind, where they are named', () => {
    const freeze = incident({ detector: 'freeze', kind: 'full' });
    expect(isFor({ detectors: ['black', 'freeze'] }, freeze)).toBe(true);
    expect(isFor({ detectors: ['black'] }, freeze)).toBe(false);
    expect(isFor({ detectors: ['freeze'], kinds: ['full'] }, freeze)).toBe(true);
    expect(isFor({ detectors: ['freeze'], kinds: ['region'] }, freeze)).toBe(false);
  });

  it('wants a severity at least', () => {
    const taken = (severity: 'info' | 'warning' | 'critical') =>
      (['info', 'warning', 'critical'] as const).filter((own) =>
        isFor({ severity }, incident({ severity: own })),
      );
    expect(taken('info')).toEqual(['info', 'warning', 'critical']);
    expect(taken('warning')).toEqual(['warning', 'critical']);
    expect(taken('critical')).toEqual(['critical']);
  });

  it('takes no incident that was to be expected, but the one that outlasts it', () => {
    const suppressed = incident({ suppressed: 'schedule' });
    expect(isFor(undefined, suppressed)).toBe(false);
    expect(isFor({ streams: ['*'], detectors: ['freeze'], severity: 'info' }, suppressed)).toBe(false);
    expect(isFor(undefined, incident({ outlasts: suppressed.id }))).toBe(true);
  });
});
