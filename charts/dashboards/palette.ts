import {
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';

/** What a colour means on every dashboard. */
export const colors = {
  good: 'green',
  info: 'blue',
  warning: 'orange',
  critical: 'red',
  blind: 'purple',
  neutral: 'text',
} as const;
export type Color = (typeof colors)[keyof typeof colors];

/** The first colour from the bottom, each further one from its value on. */
export function steps(first: Color, ...further: readonly (readonly [number, Color])[]) {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([{ value: null, color: first }, ...further.map(([value, color]) => ({ value, color }))]);
}

/** Says what numbers mean: the value, its word, its colour. */
export function words(...meanings: readonly (readonly [number, string, Color])[]) {
  return [
    {
      type: MappingType.ValueToText as const,
      options: Object.fromEntries(
        meanings.map(([value, text, color], index) => [String(value), { text, color, index }]),
      ),
    },
  ];
}

/**
 * Seconds that the picture comes after its sound, between which viewers notice nothing (ITU-R BT.1359-1): 45 ms early,
 * 125 ms late.
 */
export const inSync = steps(colors.warning, [-0.125, colors.good], [0.045, colors.warning]);
/** None at all is good, any is not. */
export const noneIsGood = steps(colors.good, [1, colors.critical]);
/** Share of time with defects, or blind: the objective of the rules is 0.001. */
export const lowShareIsGood = steps(colors.good, [0.001, colors.warning], [0.01, colors.critical]);
/** Share of time without. */
export const highShareIsGood = steps(colors.critical, [0.99, colors.warning], [0.999, colors.good]);
export const plain = steps(colors.neutral);
