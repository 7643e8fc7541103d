/** One damaged clip to be made and watched. */
export interface Case<C> {
  /** Counts from 0 in its class; with class, clip and seed it makes the case what it is. */
  readonly index: number;
  readonly clip: C;
  readonly variant: string;
}

/** Passes over the clips with all variants before a class gives up making events. */
const mostPasses = 40;

/** Clip by clip and variant by variant in turn, so that any number of first cases is spread over both. */
export function* casesOf<C>(clips: readonly C[], variants: readonly string[]): Generator<Case<C>> {
  let index = 0;
  for (let round = 0; round < mostPasses * variants.length; round++) {
    for (const [position, clip] of clips.entries()) {
      const variant = variants[(round + position) % variants.length];
      if (variant !== undefined) yield { index: index++, clip, variant };
    }
  }
}
