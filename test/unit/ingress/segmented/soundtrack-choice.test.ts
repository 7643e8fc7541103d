import { describe, expect, it } from 'vitest';
import { chooseSoundtrack } from '../../../../monitor/ingress/segmented/soundtrack-choice.ts';

const listed = [
  { default: false, autoselect: false, language: 'en' },
  { default: false, autoselect: true, language: 'de' },
  { default: true, autoselect: true, language: 'fr' },
];

describe('chooseSoundtrack', () => {
  it.each([
    ['the one asked for', listed, 1, { number: 1, of: 3, language: 'en' }],
    ['the default one', listed, undefined, { number: 3, of: 3, language: 'fr' }],
    ['one that players may select', listed.slice(0, 2), undefined, { number: 2, of: 2, language: 'de' }],
    ['the first', listed.slice(0, 1), undefined, { number: 1, of: 1, language: 'en' }],
  ])('takes %s', (_name, tracks, wish, soundtrack) => {
    expect(chooseSoundtrack(tracks, wish)?.soundtrack).toEqual(soundtrack);
  });

  it('leaves sound that is listed nowhere to the decoder', () => {
    expect(chooseSoundtrack([], 2)).toBeUndefined();
  });

  it('refuses a track that is not there', () => {
    expect(() => chooseSoundtrack(listed, 4)).toThrow('the source has 3 audio tracks: there is no track 4');
  });

  it('keeps no language that is none', () => {
    const [hostile] = [{ default: true, language: '<script>' }];
    expect(chooseSoundtrack([hostile], undefined)?.soundtrack).toEqual({ number: 1, of: 1 });
  });
});
