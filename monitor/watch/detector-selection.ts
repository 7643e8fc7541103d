import type { DetectorSettings } from '../../crds/detector-manifest.ts';
import type { Wants } from '../converter/converter-plan.ts';
import type { SoundtrackWish } from '../ingress/ingress.ts';
import { loadDetectors } from './detector-registry.ts';
import type { RunnableDetector } from './running-detector.ts';

/** A detector with the settings it runs under. */
export interface ActiveDetector {
  readonly definition: RunnableDetector;
  readonly settings: DetectorSettings;
  /** Of a third party's detector, the module that it is in. */
  readonly module?: string;
}

/**
 * The detectors that the settings enable.
 * @throws Error naming a type that this build does not have
 */
export async function selectDetectors(
  settings: Readonly<Record<string, DetectorSettings>>,
): Promise<ActiveDetector[]> {
  const definitions = await loadDetectors();
  return Object.entries(settings)
    .filter(([, { enabled }]) => enabled)
    .map(([type, own]) => {
      const definition = definitions.get(type);
      if (!definition) throw new Error(`detector "${type}" is not in this build`);
      // The settings were checked against this manifest's parameters when they were read.
      return { definition: definition as RunnableDetector, settings: own };
    });
}

/** Settings by whether this build has their detector: in a roll-out, the operator may be newer than the shard. */
export async function knownDetectors(settings: Readonly<Record<string, DetectorSettings>>): Promise<{
  readonly known: Readonly<Record<string, DetectorSettings>>;
  /** Those that are enabled. */
  readonly unsupported: readonly string[];
}> {
  const definitions = await loadDetectors();
  const entries = Object.entries(settings);
  return {
    known: Object.fromEntries(entries.filter(([type]) => definitions.has(type))),
    unsupported: entries.flatMap(([type, { enabled }]) => (enabled && !definitions.has(type) ? type : [])),
  };
}

/** Whether a reference would be of use to any of these detectors. */
export function comparesWithReference(detectors: readonly ActiveDetector[]): boolean {
  return detectors.some(({ definition }) => definition.manifest.needs.includes('reference'));
}

/** What the converter must deliver for these detectors. Pictures are needed for previews alone, too. */
export function wantsOf(
  detectors: readonly ActiveDetector[],
  {
    preview,
    soundtrack,
    slates = false,
  }: {
    readonly preview: boolean;
    readonly soundtrack?: SoundtrackWish | undefined;
    /** Pictures are compared with slates. */
    readonly slates?: boolean;
  },
): Wants {
  const needs = new Set(detectors.flatMap(({ definition }) => definition.manifest.needs));
  // What lacks is judged, or what is there compared, though its content goes to no detector.
  const both = needs.has('clock') || needs.has('reference');
  const reduced = needs.has('reduced') || both || slates;
  const video = needs.has('native') ? 'native' : reduced ? 'reduced' : 'none';
  const audio = needs.has('audio') || both;
  return { video, audio, preview, ...(soundtrack && { soundtrack }) };
}
