import type { DetectorManifest } from './detector-manifest.ts';
import catalogue from './generated/detectors.json' with { type: 'json' };

/** The manifests of all built-in detectors, by type, in alphabetical order. */
export type DetectorCatalogue = Readonly<Record<string, DetectorManifest>>;

/** What `npm run generate` last found below the monitor's detectors; a test fails when it is stale. */
export const detectorCatalogue = catalogue as unknown as DetectorCatalogue;
