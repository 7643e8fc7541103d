import type { PageStream } from '../../crds/page-api.ts';
import { streamKey } from './stream-key.ts';

/** The new streams, but the earlier object wherever a stream did not change: then its tile is not drawn again. */
export function reuseUnchanged(
  before: readonly PageStream[],
  after: readonly PageStream[],
): readonly PageStream[] {
  const earlier = new Map(before.map((stream) => [streamKey(stream), stream]));
  return after.map((stream) => {
    const known = earlier.get(streamKey(stream));
    return known && JSON.stringify(known) === JSON.stringify(stream) ? known : stream;
  });
}
