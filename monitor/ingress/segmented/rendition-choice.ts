import type { IngressOptions } from '../ingress.ts';
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
  const sized = eligible.filter((variant) => variant.height !== undefined);
  if (sized.length === 0) return eligible.at(-1);
  const within = sized.filter((variant) => variant.height! <= rendition.maxHeight);
  return (
    within.at(-1) ??
    sized.reduce((smallest, variant) => (variant.height! < smallest.height! ? variant : smallest))
  );
}

const soundCodecs = /^(mp4a|ac-3|ec-3|ac-4|opus|flac|alac|mp3|dts)/i;

function isSoundOnly({ height, codecs }: Variant): boolean {
  if (height !== undefined || !codecs) return false;
  return codecs.split(',').every((codec) => soundCodecs.test(codec.trim()));
}
