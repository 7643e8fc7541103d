import { detectorCatalogue } from './detector-catalogue.ts';
import type { DetectorManifest, DetectorSettings, ParameterSpec } from './detector-manifest.ts';
import { type DetectorOverrides, type DetectorsSpec, defaultMergeGap } from './detectors-schema.ts';
import { durationSeconds } from './duration.ts';

/**
 * Settings of every enabled detector, by type, with all defaults filled in and durations in seconds.
 * `detectors` is `spec.detectors` of a parsed StreamMonitor; without it, the recommended profile.
 */
export function resolveDetectors(
  detectors: DetectorsSpec = { profile: 'recommended' },
): Record<string, DetectorSettings> {
  const settings: Record<string, DetectorSettings> = {};
  for (const [type, manifest] of Object.entries(detectorCatalogue)) {
    const resolved = resolveDetector(manifest, detectors[type] as DetectorOverrides | undefined);
    if (resolved.enabled) settings[type] = resolved;
  }
  return settings;
}

/** Settings of one detector with all defaults filled in and durations in seconds. */
export function resolveDetector(
  { defaults, parameters }: DetectorManifest,
  overrides: DetectorOverrides = {},
): DetectorSettings {
  return {
    enabled: overrides.enabled ?? defaults.enabled,
    severity: overrides.severity ?? defaults.severity,
    minDuration: durationSeconds(overrides.minDuration ?? defaults.minDuration),
    mergeGap: durationSeconds(overrides.mergeGap ?? defaultMergeGap),
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, spec]) => [name, parameterValue(spec, overrides[name])]),
    ),
  };
}

function parameterValue(spec: ParameterSpec, override: number | boolean | string | undefined) {
  const value = override ?? spec.default;
  return spec.type === 'duration' ? durationSeconds(String(value)) : value;
}
