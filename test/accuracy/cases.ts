/** One damaged clip to be made and watched. */
export interface Case<C> {
  /** Counts from 0 in its class; with class, clip and seed it makes the case what it is. */
  readonly index: number;
  readonly clip: C;
  readonly variant: string;
}

/** Passes over the clips with all variants before a class gives up making events. */
const mostPasses = 40;

/**
 * Clip by clip and variant by variant in turn, so that any number of first cases is spread evenly over both.
 * @param passes over the clips with all variants at most
 */
export function* casesOf<C>(
  clips: readonly C[],
  variants: readonly string[],
  passes = mostPasses,
): Generator<Case<C>> {
  const cycle = leastCommonMultiple(clips.length, variants.length);
  for (let index = 0; index < passes * clips.length * variants.length; index++) {
    const clip = clips[index % clips.length];
    // Where both turns would meet in the same pairs again, one of them moves on by one.
    const variant = variants[(index + Math.floor(index / cycle)) % variants.length];
    if (clip !== undefined && variant !== undefined) yield { index, clip, variant };
  }
}

function leastCommonMultiple(one: number, other: number): number {
  let [larger, smaller] = [one, other];
  while (smaller > 0) [larger, smaller] = [smaller, larger % smaller];
  return (one * other) / larger;
}
