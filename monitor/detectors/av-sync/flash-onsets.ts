import type { LumaPlane } from '../../kernels/luma-plane.ts';

/** The marker's flash: the frame in which it began. Seconds of media time. */
export interface Flash {
  readonly time: number;
  /** Interval to the frame before: the flash began at most this much before `time`. */
  readonly resolution: number;
}

/** Share of the box's samples that must be white in a flash. */
const whiteShare = 0.9;
/** Limited-range white is 235 (ITU-R BT.709-6 §4.6); encoders at low rates were seen to go down to 200. */
const whiteLevel = 190;
/** Least rise of the box's mean over the frame before, in luma levels. */
const leastRise = 40;
/** Longest flash, in seconds: three frames at 12.5 frames/s. */
const longestFlash = 0.25;

/**
 * Finds short white flashes in the top-left box of the picture, a quarter of its width by a quarter of its height.
 * A flash of the whole picture covers the box as well. A picture that stays white is no flash.
 */
export class FlashOnsets {
  #before: { readonly time: number; readonly mean: number } | undefined;
  #pending: (Flash & { readonly base: number; readonly peak: number }) | undefined;

  reset(): void {
    this.#before = undefined;
    this.#pending = undefined;
  }

  /** The flash that ended with this frame, if one did. */
  step(time: number, picture: LumaPlane): Flash | undefined {
    const before = this.#before;
    const box = measureBox(picture);
    this.#before = { time, mean: box.mean };
    if (!before) return undefined;
    if (!this.#pending) {
      if (box.mean - before.mean >= leastRise && box.white >= whiteShare) {
        this.#pending = { time, resolution: time - before.time, base: before.mean, peak: box.mean };
      }
      return undefined;
    }
    const { time: onset, resolution, base, peak } = this.#pending;
    const over = box.mean < (base + peak) / 2;
    if (!over && time - onset <= longestFlash) return undefined;
    this.#pending = undefined;
    return over && time - onset <= longestFlash + resolution ? { time: onset, resolution } : undefined;
  }
}

/** Mean and white share of the box without its outermost eighth, where scaling and coding blur the edge. */
function measureBox({ width, height, data }: LumaPlane): { mean: number; white: number } {
  const left = width >> 5;
  const right = (width * 7) >> 5;
  const top = height >> 5;
  const bottom = (height * 7) >> 5;
  let sum = 0;
  let white = 0;
  for (let row = top; row < bottom; row++) {
    for (let index = row * width + left; index < row * width + right; index++) {
      const sample = data[index]!;
      sum += sample;
      if (sample >= whiteLevel) white++;
    }
  }
  const samples = Math.max(1, (right - left) * (bottom - top));
  return { mean: sum / samples, white: white / samples };
}
