import { z } from 'zod';
import type { Span } from './spans.ts';

/** Where a span ends with the clip, its end may be written `end`. */
const span = z.tuple([z.number(), z.union([z.number(), z.literal('end')])]);
const spans = z.array(span).nullish();

/** What `labels.json` says of a clip; whatever else it holds is for people. */
const clipLabels = z.object({
  tags: z.array(z.string()).default([]),
  natural: z
    .object({
      freeze: spans,
      near_static: spans,
      black: spans,
      silence: spans,
      digital_zero: spans,
      cuts: z.array(z.number()).nullish(),
      repeated_frames: z.object({ runs_ge3: spans }).nullish(),
      pts: z.object({ gaps: z.array(z.unknown()).nullish() }).nullish(),
    })
    .nullish(),
  audio: z
    .object({
      duration: z.number().nullish(),
      clipped_runs_ge3: z.number().nullish(),
      channels_identical: z.boolean().nullish(),
    })
    .nullish(),
  damage: z.object({ video: z.array(span).default([]) }).optional(),
});

export const corpusLabels = z.record(z.string(), clipLabels);

/** What is in a clip by nature, in seconds from its beginning. Absent: nobody has looked. */
export interface NaturalSpans {
  /** The picture stands still, to the last level or nearly. */
  readonly still: readonly Span[];
  readonly black: readonly Span[];
  readonly silence: readonly Span[];
  /** Frames that repeat the one before, three and more in a row. */
  readonly repeats: readonly Span[];
  readonly cuts: readonly number[];
}

export interface ClipLabels {
  readonly tags: readonly string[];
  readonly natural?: NaturalSpans;
  /** Runs of samples at full scale are in its sound already. */
  readonly clipped: boolean;
  /** All its channels are the same. */
  readonly mono: boolean;
  /** Timestamps are missing in it. */
  readonly gaps: boolean;
  /** Where its picture is really damaged. */
  readonly damage: readonly Span[];
}

/** `duration`: of the clip in seconds, which is where open spans end. */
export function readLabels(labels: z.infer<typeof clipLabels>, duration: number): ClipLabels {
  const { natural, audio, damage, tags } = labels;
  // What goes on without sound is silent.
  const soundEnd = Math.min(duration, audio?.duration ?? duration);
  const closed = (open: readonly z.infer<typeof span>[]): Span[] =>
    open.map(([from, to]) => [from, to === 'end' ? duration : to]);
  return {
    tags,
    ...(natural && {
      natural: {
        still: closed([...(natural.freeze ?? []), ...(natural.near_static ?? [])]),
        black: closed(natural.black ?? []),
        silence: closed([...(natural.silence ?? []), ...(natural.digital_zero ?? []), [soundEnd, 'end']]),
        repeats: closed(natural.repeated_frames?.runs_ge3 ?? []),
        cuts: natural.cuts ?? [],
      },
    }),
    clipped: (audio?.clipped_runs_ge3 ?? 0) > 0,
    mono: audio?.channels_identical ?? false,
    gaps: (natural?.pts?.gaps?.length ?? 0) > 0,
    damage: closed(damage?.video ?? []),
  };
}
