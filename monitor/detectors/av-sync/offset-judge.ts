import type { Judgement } from '../contract.ts';

/** An offset that some evidence bears out. Seconds; positive when audio is early, negative when it is late. */
export interface OffsetReading {
  readonly offset: number;
  /** Since when it has been so. */
  readonly since: number;
  /** A smaller offset cannot be told from none. */
  readonly resolution: number;
  readonly confidence: number;
  readonly source: 'reference' | 'marker' | 'timestamps';
}

/** Seconds. */
export interface Tolerances {
  readonly toleranceEarly: number;
  readonly toleranceLate: number;
}

type Kind = 'audio-late' | 'audio-early';
const kinds = ['audio-late', 'audio-early'] as const;

/** Beyond these a viewer does not accept the offset (ITU-R BT.1359-1: limit of acceptability). */
const unacceptable: Readonly<Record<Kind, number>> = { 'audio-early': 0.09, 'audio-late': 0.185 };

export const thresholds = { enter: 0.5, exit: 0.45 };

/** Turns offsets into one judgement for each kind, and dates the last change of each. */
export class OffsetJudge {
  readonly #tolerances: Readonly<Record<Kind, number>>;
  #conditions: Partial<Record<Kind, { readonly present: boolean; readonly since: number }>> = {};

  constructor({ toleranceEarly, toleranceLate }: Tolerances) {
    this.#tolerances = { 'audio-early': toleranceEarly, 'audio-late': toleranceLate };
  }

  /** Forgets since when it has been as it is. */
  reset(): void {
    this.#conditions = {};
  }

  /** Whether the offset is beyond a tolerance. */
  outside({ offset, resolution }: OffsetReading): boolean {
    return kinds.some(
      (kind) => this.#rate(kind, amountOf(kind, offset), resolution).score >= thresholds.enter,
    );
  }

  /** One judgement for each kind; the measurement goes with the kind that the offset's sign names. */
  judge(time: number, reading: OffsetReading): Judgement[] {
    const { offset, confidence, source } = reading;
    return kinds.map((kind) => {
      const amount = amountOf(kind, offset);
      const { score, critical } = this.#rate(kind, amount, reading.resolution);
      return {
        time,
        kind,
        score,
        since: this.#since(kind, score, reading.since),
        confidence,
        source,
        ...(critical ? { severity: 'critical' as const } : {}),
        ...(kind === (offset > 0 ? 'audio-early' : 'audio-late')
          ? { measurements: [{ name: 'av_offset_seconds' as const, value: offset }] }
          : {}),
      };
    });
  }

  /** 0.5 at the tolerance, 1 at the limit of acceptability and beyond. */
  #rate(kind: Kind, amount: number, resolution: number): { score: number; critical: boolean } {
    // A flash is cut to its frame: an offset about as small as a frame is not told apart.
    const tolerance = Math.max(this.#tolerances[kind], 1.1 * resolution);
    const limit = Math.max(unacceptable[kind], tolerance);
    if (amount < tolerance)
      return { score: Math.max(0, (thresholds.enter * amount) / tolerance), critical: false };
    const beyond = limit > tolerance ? Math.min(1, (amount - tolerance) / (limit - tolerance)) : 1;
    return { score: thresholds.enter + (1 - thresholds.enter) * beyond, critical: amount > limit };
  }

  #since(kind: Kind, score: number, since: number): number {
    const before = this.#conditions[kind];
    const present = score >= (before?.present ? thresholds.exit : thresholds.enter);
    const condition = before?.present === present ? before : { present, since };
    this.#conditions[kind] = condition;
    return condition.since;
  }
}

function amountOf(kind: Kind, offset: number): number {
  return kind === 'audio-early' ? offset : -offset;
}
