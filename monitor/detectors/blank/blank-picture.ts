import type { FrameObservation } from '../contract.ts';
import { blankBehindLogo } from './logo.ts';

/** Luma levels, both inclusive. */
export interface LevelRange {
  readonly lowest: number;
  readonly highest: number;
}

/** Shares of the picture: how much of it must be of one level, and how much a logo in a corner may take. */
export interface BlankLimits {
  readonly area: number;
  readonly logo: number;
}

/** What the black detector takes for black, and the flat detector for flat, where nothing else is configured. */
export const blackDefaults = { level: 20, area: 0.98, logo: 0.05 } as const;
export const flatDefaults = { spread: 3, area: 0.999, logo: 0.05 } as const;

/** A picture's share of samples in a range of levels, and whether that makes it blank, also behind a logo. */
export function blankness(
  { statistics, reduced }: FrameObservation,
  range: LevelRange,
  limits: BlankLimits,
): { readonly share: number; readonly blank: boolean } {
  let samples = 0;
  const highest = Math.min(255, Math.floor(range.highest));
  for (let level = Math.max(0, Math.ceil(range.lowest)); level <= highest; level++)
    samples += statistics.histogram[level]!;
  const share = samples / (reduced.width * reduced.height);
  const blank =
    share >= limits.area || (share >= limits.area - limits.logo && blankBehindLogo(reduced, range, limits));
  return { share, blank };
}

/** The level that half of the samples are at or below: of a flat picture its own, whatever a logo adds. */
export function medianLevel({ statistics, reduced }: FrameObservation): number {
  const half = (reduced.width * reduced.height) / 2;
  let samples = 0;
  for (let level = 0; level < 255; level++) {
    samples += statistics.histogram[level]!;
    if (samples >= half) return level;
  }
  return 255;
}

/** Whether the black or the flat detector would find the picture, as they are by default. */
export function isBlank(frame: FrameObservation): boolean {
  const level = medianLevel(frame);
  const range =
    level <= blackDefaults.level
      ? { lowest: 0, highest: blackDefaults.level }
      : { lowest: level - flatDefaults.spread, highest: level + flatDefaults.spread };
  return blankness(frame, range, level <= blackDefaults.level ? blackDefaults : flatDefaults).blank;
}
