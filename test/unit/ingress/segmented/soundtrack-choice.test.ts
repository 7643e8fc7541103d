import { describe, expect, it } from 'vitest';
import {
  chooseSoundtrack,
  type ListedSoundtrack,
} from '../../../../monitor/ingress/segmented/soundtrack-choice.ts';

const listed = [
  { default: false, autoselect: false, language: 'en' },
  { default: false, autoselect: true, language: 'de' },
  { default: true, autoselect: true, language: 'fr' },
];

describe('chooseSoundtrack', () => {
  it.each([
    ['the one asked for', listed, { track: 1 }, { number: 1, of: 3, language: 'en' }],
    ['the default one', listed, undefined, { number: 3, of: 3, language: 'fr' }],
    ['one that players may select', listed.slice(0, 2), undefined, { number: 2, of: 2, language: 'de' }],
    ['the first', listed.slice(0, 1), undefined, { number: 1, of: 1, language: 'en' }],
  ])('takes %s', (_name, tracks, wish, soundtrack) => {
    expect(chooseSoundtrack(tracks, wish)?.soundtrack).toEqual(soundtrack);
  });

  it('leaves sound that is listed nowhere to the decoder', () => {
    expect(chooseSoundtrack([], { track: 2 })).toBeUndefined();
  });

  it.each([
    ['de', 2, 'its code'],
    ['deu', 2, 'its code of ISO 639-2'],
    ['ger', 2, 'its other code of ISO 639-2'],
    ['DE', 2, 'any letters'],
  ])('takes the track in %s', (language, number) => {
    expect(chooseSoundtrack(listed, { language })?.soundtrack.number).toBe(number);
  });

  it('takes the same language before a kind of it, and of several the one that players would', () => {
    const tags = (...languages: string[]) => languages.map((language) => ({ language }));
    const number = (tracks: readonly ListedSoundtrack[], language: string) =>
      chooseSoundtrack(tracks, { language })?.soundtrack.number;
    expect(number(tags('fra', 'deu,eng', 'ger'), 'de')).toBe(2);
    expect(number(tags('pt-BR', 'pt'), 'pt')).toBe(2);
    expect(number(tags('en', 'pt-BR'), 'pt')).toBe(2);
    expect(number([...tags('de'), { language: 'de', autoselect: true }], 'de')).toBe(2);
    expect(number([...tags('de'), { language: 'de', default: true }, ...tags('de')], 'de')).toBe(2);
    expect(() => number(tags('pt'), 'pt-BR')).toThrow('the source has no audio track in pt-BR; it has pt');
  });

  it('refuses a language that is not there, naming those that are', () => {
    expect(() => chooseSoundtrack(listed, { language: 'it' })).toThrow(
      expect.objectContaining({
        reason: 'NotOffered',
        message: 'the source has no audio track in it; it has en, de, fr',
      }),
    );
    expect(() => chooseSoundtrack([{}, { language: 'und' }], { language: 'it' })).toThrow(
      'the source does not say in which language its sound is, so none is in it',
    );
  });

  it('refuses a track that is not there', () => {
    expect(() => chooseSoundtrack(listed, { track: 4 })).toThrow(
      'the source has 3 audio tracks: there is no track 4',
    );
  });

  it('keeps no language that is none', () => {
    const [hostile] = [{ default: true, language: '<script>' }];
    expect(chooseSoundtrack([hostile], undefined)?.soundtrack).toEqual({ number: 1, of: 1 });
  });
});
