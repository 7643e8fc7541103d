import type { StreamSpec } from './stream-monitor.ts';

/** Tallest picture that can be asked for, in lines. */
export const tallest = 8640;

/** What the stream of one rendition is called. */
export function renditionStreamName(stream: string, height: number): string {
  return `${stream}@${height}p`;
}

/** Form of `renditionStreamName` after the name of the stream. */
export const renditionSuffixPattern = '@[1-9][0-9]{0,3}p';
export const longestRenditionSuffix = renditionStreamName('', tallest).length;

/**
 * The streams that are watched: an entry with `rendition.heights` stands for one stream for each height, which has
 * that height alone. Their names cannot be those of other entries, which have no `@`.
 */
export function watchedStreams(entries: readonly StreamSpec[]): readonly StreamSpec[] {
  if (entries.every(({ rendition }) => rendition.heights === undefined)) return entries;
  return entries.flatMap((entry) => {
    const { name, rendition } = entry;
    if (rendition.heights === undefined) return [entry];
    return rendition.heights.map((height) => ({
      ...entry,
      name: renditionStreamName(name, height),
      rendition: { ...rendition, heights: [height] },
    }));
  });
}

/** How many streams entries stand for. */
export function watchedCount(
  entries: readonly { readonly rendition: { readonly heights?: readonly number[] | undefined } }[],
): number {
  return entries.reduce((sum, { rendition: { heights } }) => sum + (heights?.length ?? 1), 0);
}
