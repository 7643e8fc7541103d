import { describe, expect, it } from 'vitest';
import { explainTarget, hint } from '../../../operator/explain/explain-target.ts';

describe('explainTarget', () => {
  it('reads a StreamMonitor and a stream of it', () => {
    expect(explainTarget('sports')).toEqual({ monitor: 'sports' });
    expect(explainTarget('sports/channel-1')).toEqual({ monitor: 'sports', stream: 'channel-1' });
    expect(explainTarget('sports/channel-1@720p')).toEqual({ monitor: 'sports', stream: 'channel-1@720p' });
  });

  it.each([
    '',
    'Sports',
    'sports@720p',
    'sports/a@720',
    'sports/a@p',
    'sports/',
    '/channel-1',
    'live/sports/channel-1',
    `a${'b'.repeat(63)}`,
  ])('refuses %j and says how it is written', (text) => {
    expect(() => explainTarget(text)).toThrow(
      /is not MONITOR or MONITOR\/STREAM: .*namespace is given with -n/,
    );
  });
});

describe('hint', () => {
  it('names what may have been meant, or what there is', () => {
    expect(hint('sprots', ['sports', 'news'])).toBe('; did you mean sports?');
    expect(hint('weather', ['sports', 'news'])).toBe('; there are news, sports');
    expect(
      hint(
        'x',
        Array.from({ length: 12 }, (_, index) => `channel-${index + 10}`),
      ),
    ).toMatch(/ and 2 more$/);
    expect(hint('x', [])).toBe('');
    expect(hint('channel-1', ['channel-1@720p', 'channel-1@1080p', 'channel-10'])).toBe(
      '; it is watched as channel-1@1080p, channel-1@720p',
    );
  });
});
