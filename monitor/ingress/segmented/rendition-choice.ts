import { IngressError, type IngressOptions } from '../ingress.ts';
import type { ListedSoundtrack } from './soundtrack-choice.ts';

/** One of the renditions that a multivariant playlist offers. */
export interface Variant {
  readonly uri: string;
  /** Peak, in bits per second; 0 where not declared. */
  readonly bandwidth: number;
  readonly height?: number;
  readonly codecs?: string;
  /** Audio tracks that belong to it, where a playlist lists them; one without a playlist of its own is in it. */
  readonly soundtracks?: readonly (ListedSoundtrack & { readonly uri?: string })[];
}

/**
 * The variant to watch: the highest or lowest bandwidth, or the highest bandwidth among those not above a height,
 * and the smallest picture when all are above. Variants with sound only are left out beside ones with pictures.
 * @throws IngressError NotOffered when none has the one height that is asked for
 */
export function chooseVariant<V extends Variant>(
  variants: readonly V[],
  rendition: IngressOptions['rendition'],
): V | undefined {
  const withPicture = variants.filter((variant) => !isSoundOnly(variant));
  const eligible = [...(withPicture.length > 0 ? withPicture : variants)].sort(
    (a, b) => a.bandwidth - b.bandwidth,
  );
  if (rendition === 'lowest') return eligible[0];
  if (rendition === 'highest') return eligible.at(-1);
  if ('height' in rendition) return ofHeight(eligible, rendition.height);
  const sized = eligible.filter((variant) => variant.height !== undefined);
  if (sized.length === 0) return eligible.at(-1);
  const within = sized.filter((variant) => variant.height! <= rendition.maxHeight);
  return (
    within.at(-1) ??
    sized.reduce((smallest, variant) => (variant.height! < smallest.height! ? variant : smallest))
  );
}

function ofHeight<V extends Variant>(byBandwidth: readonly V[], wanted: number): V {
  const found = byBandwidth.findLast(({ height }) => height === wanted);
  if (found) return found;
  const heights = new Set(byBandwidth.flatMap(({ height }) => height ?? []));
  const there = [...heights].sort((a, b) => b - a).join(', ');
  throw new IngressError(
    'NotOffered',
    there === ''
      ? `the source does not say how tall its renditions are, so none is known to have ${wanted} lines`
      : `the source has no rendition of ${wanted} lines; it has ${there}`,
  );
}

/** @throws IngressError NotOffered when one of several renditions is asked for, and the source is one by itself */
export function refuseHeight({ rendition }: Pick<IngressOptions, 'rendition'>): void {
  if (typeof rendition === 'string' || !('height' in rendition)) return;
  throw new IngressError(
    'NotOffered',
    `the source lists no renditions, so none is known to have ${rendition.height} lines: leave rendition.heights out`,
  );
}

const soundCodecs = /^(mp4a|ac-3|ec-3|ac-4|opus|flac|alac|mp3|dts)/i;

function isSoundOnly({ height, codecs }: Variant): boolean {
  if (height !== undefined || !codecs) return false;
  return codecs.split(',').every((codec) => soundCodecs.test(codec.trim()));
}
