import type {
  DynamicConfigValue,
  MatcherConfig,
  Panel,
  Threshold,
  ThresholdsConfig,
  ValueMap,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { formatted, type ValueStyle } from './panel-values.ts';

/** Grafana's named colours, in its dark theme. */
const named: Readonly<Record<string, string>> = {
  green: '#73bf69',
  red: '#f2495c',
  orange: '#ff9830',
  yellow: '#fade2a',
  blue: '#5794f2',
  purple: '#b877d9',
  text: '#ccccdc',
};

/** Of series without a colour of their own, in their order. */
const classic = [
  ...['#73bf69', '#f2cc0c', '#8ab8ff', '#ff780a', '#f2495c', '#5794f2', '#b877d9', '#705da0'],
  ...['#37872d', '#fade2a', '#447ebc', '#c15c17', '#890f02', '#0a437c', '#6d1f62', '#584477'],
];

/** How values of one field are written and coloured: what the panel says, and what it says of the field's name. */
export interface FieldStyle extends ValueStyle {
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly steps: readonly Threshold[];
  readonly words: Readonly<Record<string, { readonly text?: string; readonly color?: string }>>;
  /** A colour that the field has whatever its value. */
  readonly fixed: string | undefined;
  readonly coloredText: boolean;
}

export function fieldStyle({ fieldConfig }: Panel, name?: string): FieldStyle {
  const { defaults, overrides } = fieldConfig!;
  const properties = new Map<string, unknown>(
    overrides
      .filter(({ matcher }) => name !== undefined && isMatched(name, matcher))
      .flatMap((override) => override.properties.map(({ id, value }: DynamicConfigValue) => [id, value])),
  );
  const thresholds = (properties.get('thresholds') ?? defaults.thresholds) as ThresholdsConfig | undefined;
  const color = (properties.get('color') ?? defaults.color) as
    | { mode: string; fixedColor?: string }
    | undefined;
  const cell = properties.get('custom.cellOptions') as { type: string } | undefined;
  const mappings = (properties.get('mappings') ?? defaults.mappings ?? []) as ValueMap[];
  return {
    unit: (properties.get('unit') ?? defaults.unit ?? 'none') as string,
    decimals: (properties.get('decimals') ?? defaults.decimals) as number | undefined,
    min: defaults.min,
    max: defaults.max,
    steps: thresholds?.steps ?? [],
    words: Object.assign(
      {},
      ...mappings.filter(({ type }) => type === 'value').map(({ options }) => options),
    ),
    fixed: color?.mode === 'fixed' ? colorOf(color.fixedColor!) : undefined,
    coloredText: cell?.type === 'color-text',
  };
}

function isMatched(name: string, { id, options }: MatcherConfig): boolean {
  return id === 'byRegexp' ? new RegExp(String(options).slice(1, -1)).test(name) : options === name;
}

/** The word of a value where it has one, else the number in its unit. */
export function said(value: number, style: FieldStyle): string {
  return style.words[String(value)]?.text ?? formatted(value, style);
}

/** Of its word, else of the highest step that it reaches. */
export function valueColor(value: number, { words, steps }: FieldStyle): string {
  const reached = steps.findLast((step) => step.value === null || value >= step.value);
  return colorOf(words[String(value)]?.color ?? reached?.color ?? 'text');
}

export function seriesColor(index: number): string {
  return classic[index % classic.length]!;
}

/** @throws RangeError for a name that is not drawn here */
export function colorOf(name: string): string {
  const color = name.startsWith('#') ? name : named[name];
  if (!color)
    throw new RangeError(
      `the colour ${name} is not known here: add it to docs/build/dashboards/panel-style.ts`,
    );
  return color;
}
