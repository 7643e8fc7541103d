import type { SuppressionReason } from './suppression.ts';

/** What a viewer loses: `critical` cannot watch, `warning` is disturbed, `info` is advisory. */
export const severities = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** One tunable of a detector; the CRD schema, defaults, validation and reference page all derive from it. */
export type ParameterSpec =
  | { type: 'duration'; default: string; minimum?: string; maximum?: string; description: string }
  | { type: 'number'; default: number; minimum: number; maximum: number; unit?: string; description: string }
  | { type: 'boolean'; default: boolean; description: string }
  | { type: 'choice'; values: readonly string[]; default: string; description: string };

/** What the converter must deliver to a detector; a stream gets the union over its detectors, nothing more. */
export type DetectorNeed =
  /** Frames reduced to about 320 columns, with their statistics. */
  | 'reduced'
  /** The same, and the luma planes at full size. */
  | 'native'
  | 'audio'
  /** Transport evidence. */
  | 'transport'
  /** Comparisons with the stream's reference, where it has one; frames and audio of both are decoded for these. */
  | 'reference'
  /** Time that passes while nothing arrives; brings frames and audio, whose lack is judged. */
  | 'clock';

/** One kind of defect that a detector tells apart. */
export interface DefectKind {
  readonly description: string;
  /** Instead of the detector's default severity. */
  readonly severity?: Severity;
  /** Instead of the configured minimum duration, such as `0s` for a kind that is an event rather than a state. */
  readonly minDuration?: string;
}

/** The static description of a detector: plain data, so that it can be published as the catalogue. */
export interface DetectorManifest {
  /** Name in the CRD, metrics, results and dashboards: a DNS label such as `block-corruption`. */
  readonly type: string;
  readonly title: string;
  readonly description: string;
  /** The bounded set of what an incident of this detector can be. */
  readonly kinds: Readonly<Record<string, DefectKind>>;
  readonly needs: readonly DetectorNeed[];
  /** Declared CPU, in ms per stream-second: a fixed part and one per native megapixel per second. */
  readonly cost: { readonly fixed: number; readonly perMegapixel: number };
  readonly defaults: { readonly enabled: boolean; readonly severity: Severity; readonly minDuration: string };
  /** Score at or above which a defect is present, and below which it is over (exit ≤ enter). */
  readonly thresholds: { readonly enter: number; readonly exit: number };
  readonly parameters: Readonly<Record<string, ParameterSpec>>;
  /** Why its defects may be what was intended: they alarm nobody then, unless a user names other detectors. */
  readonly expectable?: readonly SuppressionReason[];
}

type ParameterValue<S extends ParameterSpec> = S extends { type: 'duration' | 'number' }
  ? number
  : S extends { type: 'boolean' }
    ? boolean
    : S extends { type: 'choice'; values: readonly (infer V)[] }
      ? V
      : never;

/** Values of a manifest's own parameters; durations in seconds. */
export type ParametersOf<M extends DetectorManifest> = {
  readonly [K in keyof M['parameters']]: ParameterValue<M['parameters'][K]>;
};

/** What every detector can be told, beside its own parameters. Durations in seconds. */
export interface CommonDetectorSettings {
  readonly enabled: boolean;
  readonly severity: Severity;
  /** The severity is the stream's own: it holds, also where it is the detector's default. */
  readonly severityHolds?: true;
  /** A defect shorter than this opens no incident. */
  readonly minDuration: number;
  /** Defects of one kind closer together than this are one incident. */
  readonly mergeGap: number;
}

/** A detector's settings with every default filled in. */
export interface DetectorSettings extends CommonDetectorSettings {
  readonly parameters: Readonly<Record<string, number | boolean | string>>;
}
