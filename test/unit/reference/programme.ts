import type { AudioObservation } from '../../../monitor/detectors/contract.ts';
import type { LumaPlane } from '../../../monitor/kernels/luma-plane.ts';
import type { Fingerprints } from '../../../monitor/reference/comparison.ts';

/** How one side gets a programme. */
export interface Reading {
  /** Seconds by which its picture, and its sound, come late. */
  readonly pictureLate?: number;
  readonly soundLate?: number;
  readonly frameRate?: number;
  readonly width?: number;
  /** Of the sound, 0 … 1. */
  readonly volume?: number;
}

/** A programme as a function of its own time: patches that wander and change, and syllables of three voices. */
export class Programme {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Feeds seconds `from` to `to` of a side's own time. */
  feed(side: Fingerprints, from: number, to: number, reading: Reading = {}): void {
    this.feedPicture(side, from, to, reading);
    this.feedSound(side, from, to, reading);
  }

  feedPicture(side: Fingerprints, from: number, to: number, reading: Reading = {}): void {
    const { frameRate = 25, pictureLate = 0, width = 64 } = reading;
    for (let frame = Math.ceil(from * frameRate); frame / frameRate < to; frame++) {
      side.frame(frame / frameRate, this.#picture(frame / frameRate - pictureLate, width));
    }
  }

  feedSound(
    side: Fingerprints,
    from: number,
    to: number,
    { soundLate = 0, volume = 0.5 }: Reading = {},
  ): void {
    for (let time = from; time < to - 1e-9; time += runSeconds) {
      side.audio(this.#sound(time, time - soundLate, volume));
    }
  }

  #picture(time: number, width: number): LumaPlane {
    const height = Math.round((width * 9) / 16);
    const levels = Array.from({ length: 12 }, (_, cell) => 60 + 120 * smooth(this.#seed + cell, 2.5 * time));
    const data = new Uint8Array(width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        data[y * width + x] = levels[Math.floor((4 * x) / width) + 4 * Math.floor((3 * y) / height)]!;
      }
    }
    return { width, height, data };
  }

  #sound(time: number, own: number, volume: number): AudioObservation {
    const length = Math.round(sampleRate * runSeconds);
    const samples = new Int16Array(2 * length);
    let levels: number[] = [];
    for (let index = 0; index < length; index++) {
      const sinceStart = index / sampleRate;
      if (index % levelSamples === 0) {
        levels = tones.map((_, band) => smooth(this.#seed + 100 + band, 9 * (own + sinceStart)) ** 3);
      }
      const sum = levels.reduce(
        (total, level, band) => total + level * Math.sin(2 * Math.PI * tones[band]! * sinceStart),
        0,
      );
      const sample = (32767 * volume * sum) / tones.length;
      samples[2 * index] = sample;
      samples[2 * index + 1] = sample;
    }
    return { type: 'audio', time, sampleRate, channels: 2, channelNames: ['FL', 'FR'], samples };
  }
}

const sampleRate = 8000;
/** One for each band of the fingerprints, whole cycles in each run. */
const tones = [200, 1200, 3600];
const runSeconds = 0.1;
/** Levels change every 2 ms. */
const levelSamples = 16;

/** Values 0 … 1 that follow nothing but their seed, in a straight line from one to the next. */
function smooth(seed: number, position: number): number {
  const before = Math.floor(position);
  const share = position - before;
  return (1 - share) * noise(seed, before) + share * noise(seed, before + 1);
}

function noise(seed: number, index: number): number {
  let hash = (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 7919, 0x85ebca6b)) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39) >>> 0;
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}
