import type { StreamAssignment } from '../../crds/assignment.ts';
import { enabledCustomDetectors } from '../../crds/custom-detectors.ts';
import { detectorCatalogue } from '../../crds/detector-catalogue.ts';
import type { DetectorNeed } from '../../crds/detector-manifest.ts';
import { resolveDetectors } from '../../crds/detector-settings.ts';
import type { StreamMonitor, StreamSpec } from '../../crds/stream-monitor.ts';
import { declaredCost, expectedVideo, type VideoFormat } from '../planner/cost.ts';
import { renditionOf } from '../planner/demand.ts';
import { detectorCosts } from '../planner/detector-costs.ts';
import type { StreamWatching } from './stream-watching.ts';

/** A detector that runs on a stream. */
export interface DetectorExplanation {
  readonly type: string;
  /** What the stream is decoded to for it; of a module's only its pod knows. */
  readonly needs: readonly DetectorNeed[];
  /** Declared, in ms CPU per second, beside decoding; of a module's only its pod knows. */
  readonly cost?: number;
  /** Why it cannot tell. */
  readonly unknown?: string;
}

/** Which detectors run on a stream, and which do not. */
export function explainDetectors(
  settings: StreamMonitor['spec'] | undefined,
  spec: StreamSpec | undefined,
  placed: readonly StreamAssignment[],
  watching: StreamWatching | undefined,
): { readonly detectors: readonly DetectorExplanation[]; readonly disabled: readonly string[] } {
  const running = placed.length > 0 ? placed.flatMap(({ detectors }) => detectors) : enabled(settings);
  const rendition = placed[0]?.rendition ?? (spec ? renditionOf(spec) : 'highest');
  const video = expectedVideo(rendition);
  const hasReference = placed[0]?.reference !== undefined || spec?.reference !== undefined;
  const unknown = watching?.unknown ?? (hasReference ? {} : { reference: 'the stream has no reference' });
  return {
    detectors: [...new Set(running)].sort().map((type) => explained(type, video, unknown)),
    disabled: Object.keys(detectorCatalogue).filter((type) => !running.includes(type)),
  };
}

function explained(
  type: string,
  video: VideoFormat,
  unknown: Readonly<Record<string, string>>,
): DetectorExplanation {
  const manifest = detectorCatalogue[type];
  const decode = declaredCost(video, [], detectorCosts);
  return {
    type,
    needs: manifest?.needs ?? [],
    ...(manifest && { cost: thousandths(declaredCost(video, [type], detectorCosts) - decode) }),
    ...(unknown[type] !== undefined && { unknown: unknown[type] }),
  };
}

/** Without what binary fractions leave over. */
function thousandths(value: number): number {
  return Number(value.toFixed(3));
}

function enabled(settings: StreamMonitor['spec'] | undefined): string[] {
  if (!settings) return [];
  const custom = enabledCustomDetectors(settings.detectors.custom).map(({ name }) => name);
  return [...Object.keys(resolveDetectors(settings.detectors)), ...custom];
}
