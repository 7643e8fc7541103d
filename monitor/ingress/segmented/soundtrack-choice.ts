import { IngressError, type Soundtrack, type SoundtrackWish } from '../ingress.ts';
import { languageFit, shownLanguage } from '../languages.ts';

/** An audio track that a source tells apart from others. */
export interface ListedSoundtrack {
  readonly default?: boolean;
  readonly autoselect?: boolean;
  readonly language?: string;
}

/** The wish as flags and documents have it, each form in a field of its own. */
export function soundtrackWish(fields: {
  readonly audioTrack?: number | undefined;
  readonly audioLanguage?: string | undefined;
}): SoundtrackWish | undefined {
  const { audioTrack, audioLanguage } = fields;
  if (audioTrack !== undefined) return { track: audioTrack };
  return audioLanguage === undefined ? undefined : { language: audioLanguage };
}

/**
 * The audio track to watch: the one asked for, or the default one, or one that players may select, or the first.
 * `undefined` where the playlist lists none apart.
 * @throws IngressError NotOffered when the one asked for is not there
 */
export function chooseSoundtrack<T extends ListedSoundtrack>(
  listed: readonly T[],
  wish: SoundtrackWish | undefined,
): { readonly rendition: T; readonly soundtrack: Soundtrack } | undefined {
  if (listed.length === 0) return undefined;
  const index = soundtrackIndex(listed, wish);
  const rendition = listed[index];
  if (!rendition) {
    const there = listed.length === 1 ? 'one audio track' : `${listed.length} audio tracks`;
    throw new IngressError('NotOffered', `the source has ${there}: there is no track ${index + 1}`);
  }
  const language = shownLanguage(rendition.language);
  const soundtrack = { number: index + 1, of: listed.length, ...(language !== undefined && { language }) };
  return { rendition, soundtrack };
}

/**
 * Place of the audio track to watch, from 0; that of a number is not looked up.
 * @throws IngressError NotOffered when there is none in the language asked for
 */
export function soundtrackIndex(
  listed: readonly ListedSoundtrack[],
  wish: SoundtrackWish | undefined,
): number {
  if (wish === undefined) return byDefault(listed);
  return 'track' in wish ? wish.track - 1 : byLanguage(listed, wish.language);
}

/** Of several that fit equally well, such as one with a description of the picture, the one that players would take. */
function byLanguage(listed: readonly ListedSoundtrack[], language: string): number {
  const fits = listed.map((track) => languageFit(language, track.language));
  const best = Math.max(...fits);
  if (best === 0) throw new IngressError('NotOffered', noneIn(language, listed));
  const candidates = listed.filter((_, index) => fits[index] === best);
  return listed.indexOf(candidates[byDefault(candidates)]!);
}

function noneIn(language: string, listed: readonly ListedSoundtrack[]): string {
  const there = [...new Set(listed.flatMap((track) => shownLanguage(track.language) ?? []))];
  if (there.length === 0)
    return `the source does not say in which language its sound is, so none is in ${language}`;
  return `the source has no audio track in ${language}; it has ${there.join(', ')}`;
}

function byDefault(listed: readonly ListedSoundtrack[]): number {
  const main = listed.findIndex((candidate) => candidate.default);
  if (main >= 0) return main;
  return Math.max(
    0,
    listed.findIndex((candidate) => candidate.autoselect),
  );
}
