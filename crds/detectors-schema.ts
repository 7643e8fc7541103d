import { z } from 'zod';
import { type CustomDetector, customDetectorsSchema } from './custom-detectors.ts';
import type { DetectorCatalogue } from './detector-catalogue.ts';
import { type DetectorManifest, type ParameterSpec, type Severity, severities } from './detector-manifest.ts';
import { duration } from './fields.ts';

/** Defects of one kind closer together than this are one incident, unless a user says otherwise. */
export const defaultMergeGap = '5s';

/** What every detector can be told beside its own parameters, with what it means. */
export const commonSettings = {
  enabled: 'Whether the detector runs.',
  severity: 'Severity of its incidents.',
  minDuration: 'A defect shorter than this opens no incident.',
  mergeGap: 'Defects of one kind closer together than this are one incident.',
} as const;

/** What a user set for one detector; durations as text. Its own parameters stand beside the common fields. */
export interface DetectorOverrides {
  readonly enabled?: boolean;
  readonly severity?: Severity;
  readonly minDuration?: string;
  readonly mergeGap?: string;
  readonly [parameter: string]: number | boolean | string | undefined;
}

/** `spec.detectors`: the profile, and by detector type what differs from it. */
export interface DetectorsSpec {
  readonly profile: 'recommended';
  readonly custom?: readonly CustomDetector[] | undefined;
  readonly [type: string]: DetectorOverrides | readonly CustomDetector[] | string | undefined;
}

/**
 * `spec.detectors` with one typed property per detector. Defaults stand in the descriptions alone: were they in
 * the schema, the API server would write them into every object, and a better default would never reach it.
 */
export function detectorsSchema(
  catalogue: DetectorCatalogue,
): z.ZodType<DetectorsSpec, Partial<DetectorsSpec>> {
  const detectors = Object.entries(catalogue).map(([type, manifest]) => [
    type,
    overrides(manifest).optional(),
  ]);
  const schema = z.strictObject({
    profile: z
      .enum(['recommended'])
      .default('recommended')
      .describe('The set of detectors and defaults to start from.'),
    ...Object.fromEntries(detectors),
    custom: customDetectorsSchema(Object.keys(catalogue)).optional(),
  });
  // Its properties are known at run time only.
  return schema as unknown as z.ZodType<DetectorsSpec, Partial<DetectorsSpec>>;
}

/** The parameters of a detector that a user may set, all of them optional. */
export function parametersSchema({ parameters }: Pick<DetectorManifest, 'parameters'>) {
  return z.strictObject(
    Object.fromEntries(
      Object.entries(parameters).map(([name, spec]) => [name, parameter(spec).optional()] as const),
    ),
  );
}

function overrides(manifest: DetectorManifest) {
  const { title, description, defaults } = manifest;
  return z
    .strictObject({
      enabled: z.boolean().optional().describe(`${commonSettings.enabled} Default: ${defaults.enabled}.`),
      severity: z
        .enum(severities)
        .optional()
        .describe(`${commonSettings.severity} Default: ${defaults.severity}.`),
      minDuration: duration('0s', '1h')
        .optional()
        .describe(`${commonSettings.minDuration} Default: ${defaults.minDuration}.`),
      mergeGap: duration('0s', '1h')
        .optional()
        .describe(`${commonSettings.mergeGap} Default: ${defaultMergeGap}.`),
      ...parametersSchema(manifest).shape,
    })
    .describe(`${title}. ${description}`);
}

function parameter(spec: ParameterSpec) {
  const description = `${spec.description} Default: ${spec.default}${'unit' in spec ? ` ${spec.unit}` : ''}.`;
  switch (spec.type) {
    case 'duration':
      return duration(spec.minimum ?? '0s', spec.maximum ?? '24h').describe(description);
    case 'number':
      return z.number().min(spec.minimum).max(spec.maximum).describe(description);
    case 'boolean':
      return z.boolean().describe(description);
    case 'choice':
      return z.enum(spec.values as [string, ...string[]]).describe(description);
  }
}
