import { IngressError, type Soundtrack } from '../ingress.ts';

/** An audio track that a playlist lists apart. */
export interface ListedSoundtrack {
  readonly default: boolean;
  readonly autoselect?: boolean;
  readonly language?: string;
}

/**
 * The audio track to watch: the one asked for, or the default one, or one that players may select, or the first.
 * `undefined` where the playlist lists none apart.
 * @throws IngressError NotOffered when there are fewer than the one asked for
 */
export function chooseSoundtrack<T extends ListedSoundtrack>(
  listed: readonly T[],
  audioTrack: number | undefined,
): { readonly rendition: T; readonly soundtrack: Soundtrack } | undefined {
  if (listed.length === 0) return undefined;
  const wish = audioTrack === undefined ? byDefault(listed) : audioTrack - 1;
  const rendition = listed[wish];
  if (!rendition) {
    const there = listed.length === 1 ? 'one audio track' : `${listed.length} audio tracks`;
    throw new IngressError('NotOffered', `the source has ${there}: there is no track ${audioTrack}`);
  }
  const language = /^[A-Za-z0-9-]{2,35}$/.exec(rendition.language ?? '')?.[0];
  const soundtrack = { number: wish + 1, of: listed.length, ...(language !== undefined && { language }) };
  return { rendition, soundtrack };
}

function byDefault(listed: readonly ListedSoundtrack[]): number {
  const main = listed.findIndex((candidate) => candidate.default);
  if (main >= 0) return main;
  return Math.max(
    0,
    listed.findIndex((candidate) => candidate.autoselect),
  );
}
