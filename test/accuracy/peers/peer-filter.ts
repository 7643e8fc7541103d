import type { Span } from '../spans.ts';
import type { Branch, FrameMetadata } from './metadata.ts';

/** A filter (or two) of ffmpeg, with all settings that are tried, in one run over a file. */
export interface PeerFilter {
  /** Name in the table. */
  readonly filter: string;
  readonly branches: readonly Branch[];
  /** The first is the filter as it comes; of one that only gives a score, the setting that was written down first. */
  readonly settings: readonly PeerSetting[];
}

export interface PeerSetting {
  /** As one would write it to ffmpeg, with the rule that its figures are put to. */
  readonly label: string;
  /** What it finds, from what each branch has left, in a file of so many seconds. */
  spans(outputs: readonly (readonly FrameMetadata[])[], seconds: number): readonly Span[];
}

/** All combinations, those of the first values first. */
export function combined<A, B>(ones: readonly A[], others: readonly B[]): (readonly [A, B])[] {
  return ones.flatMap((one) => others.map((other) => [one, other] as const));
}
