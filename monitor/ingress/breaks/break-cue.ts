/**
 * What a stream announces of its breaks. `event` names the break, with its origin before a slash, such as
 * `insert/1207959695`: what is announced again changes nothing.
 */
export type BreakNews =
  /** A break begins, and takes `duration` seconds as far as that is announced. */
  | { readonly cue: 'out'; readonly event: string; readonly duration?: number }
  /** It began before: news only to those who did not see it begin. */
  | { readonly cue: 'under-way'; readonly event: string; readonly duration?: number }
  /** It ends, as do all breaks of an origin where `event` is that alone. */
  | { readonly cue: 'in'; readonly event: string }
  /** It does not take place. */
  | { readonly cue: 'cancel'; readonly event: string };

/** News of a break, and when it happens: so many seconds after (or, negative, before) a moment of the media. */
export type RelativeCue = BreakNews & { readonly after: number };

/** The same as the ingress tells it: counted from a PTS that is carried about where the news was. */
export type BreakCue = RelativeCue & {
  /** In seconds as carried (MPEG-TS: 33 bits ÷ 90 kHz, not unwrapped). */
  readonly pts: number;
};
