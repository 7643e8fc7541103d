import type { StreamAssignment } from '../../crds/assignment.ts';
import type { DetectorManifest } from '../../crds/detector-manifest.ts';

/** CPU in ms per stream-second, declared by each detector: a fixed part and one per native megapixel per second. */
export type DetectorCosts = Readonly<Record<string, DetectorCost>>;

interface DetectorCost extends Readonly<DetectorManifest['cost']> {
  /** It makes use of a stream's reference, so that whoever runs it decodes the reference too. */
  readonly usesReference?: boolean;
}

/** What is known of a stream's picture before it is watched. */
export interface VideoFormat {
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
}

/** What a stream is taken for until it is known: the most common contribution format. */
export const assumedVideo: VideoFormat = { width: 1920, height: 1080, frameRate: 30 };

/**
 * Decoding H.264 and AAC in software on one thread: a line through measured figures on a 2-vCPU AMD EPYC with
 * ffmpeg 5.1 (1080p30 at 4.3 Mb/s: 90 … 97 ms, 480p30 at 1.2 Mb/s: 26 … 29 ms per stream-second).
 */
const decode = { fixed: 12, perMegapixel: 1.4 };

/** What a detector of a module is taken to cost until it is measured: its manifest is not known to the planner. */
const undeclared = { fixed: 10, perMegapixel: 0 };

/** The picture that a rendition choice lets expect: 16:9, as tall as asked for, or at most so. */
export function expectedVideo(rendition: StreamAssignment['rendition']): VideoFormat {
  const { frameRate } = assumedVideo;
  if (typeof rendition === 'string') return assumedVideo;
  const height =
    'height' in rendition ? rendition.height : Math.min(rendition.maxHeight, assumedVideo.height);
  return { width: Math.round((height * 16) / 9), height, frameRate };
}

/** Fingerprints of both sides and their correlation, in ms CPU per second: measured, as above. */
const comparison = 17;

/** Declared cost of decoding a stream once and running `detectors` on it, in ms CPU per second. */
export function declaredCost(video: VideoFormat, detectors: readonly string[], costs: DetectorCosts): number {
  return costOf(video, [decode, ...detectors.map((type) => costs[type] ?? undeclared)]);
}

/** What a reference adds where one of `detectors` makes use of it: it is a contribution, of the most common format. */
export function referenceCost(detectors: readonly string[], costs: DetectorCosts): number {
  const used = detectors.some((type) => costs[type]?.usesReference);
  return used ? costOf(assumedVideo, [decode]) + comparison : 0;
}

function costOf(video: VideoFormat, parts: readonly DetectorManifest['cost'][]): number {
  const megapixels = (video.width * video.height * video.frameRate) / 1e6;
  return parts.reduce((sum, { fixed, perMegapixel }) => sum + fixed + perMegapixel * megapixels, 0);
}
