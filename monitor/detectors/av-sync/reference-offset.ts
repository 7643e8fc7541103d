import type { ReferenceObservation } from '../contract.ts';
import { median } from './median.ts';

/** What the reference tells. Seconds; the offset is positive when audio is early, negative when it is late. */
export interface ReferenceReading {
  readonly offset: number;
  /** When what bears it out began, about. */
  readonly since: number;
  readonly confidence: number;
}

/** Comparisons that must agree. */
const leastReadings = 3;
/** As far as two comparisons may differ, in seconds: beyond, what was aligned changed in between. */
const agreement = 0.04;
/** Sound that lies further from its picture, in seconds, is that of another place: a repetition, or a jingle. */
const furthest = 5;
/** Half of what a comparison pools, in seconds: a change shows when half of it has passed. */
const halfWindow = 6;

/** Pools comparisons with a reference: the offset is the difference of the lags of picture and sound. */
export class ReferenceOffset {
  #readings: { readonly offset: number; readonly confidence: number }[] = [];

  reset(): void {
    this.#readings = [];
  }

  /** The reading, where both tracks were found and the last comparisons agree; or why there is none. */
  step({ time, picture, sound }: ReferenceObservation): ReferenceReading | { readonly unknown: string } {
    if (!picture.lag || !sound.lag) {
      this.reset();
      return { unknown: picture.unknown ?? sound.unknown ?? pending };
    }
    const offset = picture.lag.seconds - sound.lag.seconds;
    if (Math.abs(offset) > furthest) {
      this.reset();
      return { unknown: apart };
    }
    const confidence = Math.min(picture.lag.confidence, sound.lag.confidence);
    this.#readings = [...this.#readings, { offset, confidence }].slice(-leastReadings);
    const offsets = this.#readings.map((reading) => reading.offset);
    const agrees = Math.max(...offsets) - Math.min(...offsets) <= agreement;
    if (offsets.length < leastReadings || !agrees) return { unknown: pending };
    return { offset: median(offsets), since: Math.max(0, time - halfWindow), confidence };
  }
}

const apart = 'picture and sound were found at places of the reference that do not belong together';
const pending = 'comparing with the reference: the last comparisons do not agree yet';
