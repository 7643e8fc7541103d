import { correlateAbout, findLag, type LagRange } from './correlation.ts';
import type { SampledSeries, SeriesShape } from './sampled-series.ts';

/** How one track of the stream lies against that of its reference. */
export interface TrackState {
  /** Where both agree, in seconds: positive when the stream comes later; only with what was compared just now. */
  readonly lag?: number;
  /** How far that lag can be relied on, 0 … 1. */
  readonly confidence: number;
  /** How much of what changes in the reference is found in the stream, 0 … 1; absent where nobody can tell. */
  readonly match?: number;
  /** Why there is no lag. */
  readonly reason?: 'too-little' | 'no-more' | 'no-change' | 'no-agreement';
}

export interface AlignmentSettings {
  readonly shape: SeriesShape;
  /** Mean square of the changes above which the reference has something to align. */
  readonly leastActivity: number;
  /** Correlation from which a peak is one. */
  readonly leastCorrelation: number;
  /** What is compared to tell whether the content is that of the reference. */
  readonly content: {
    readonly seconds: number;
    /** As above: where hardly anything changes, encoders differ by as much. */
    readonly leastActivity: number;
    /** Correlation that different content may reach by chance. */
    readonly chance: number;
  };
}

/** Furthest that a stream and its reference may be apart, in seconds. */
export const furthestLag = 62;
const wholeRange: LagRange = { from: -furthestLag, to: furthestLag };
/** Once it is known, the lag is looked for nearby. */
const nearby = 2;
const pooled = { longest: 12, shortest: 6 };
/** What is compared must be newer than at the time of this many seconds of the stream ago. */
const patience = 15;
/** Sound may slip against the picture that it belongs to, and is still the right one. */
const slip = 0.7;
/** The second peak may be at most this share of the first: a rhythm agrees with itself at each beat. */
const mostSecond = 0.75;
/** The correlation usual for two encodings, until their own is known. */
const usualAtFirst = 0.6;
/** From this share of the usual correlation on, all is found again. */
const found = 0.6;
/** Where less than this lies between that and chance, nobody can tell. */
const leastContrast = 0.05;

/** Aligns one track: seeks the lag over the whole range, then follows it. Pure; both series are filled by others. */
export class TrackAlignment {
  readonly #settings: AlignmentSettings;
  #lag: number | undefined;
  #usual: number | undefined;
  /** Newest row of the reference, and that of the stream when it came. */
  #newest = { reference: 0, stream: 0 };

  constructor(settings: AlignmentSettings) {
    this.#settings = settings;
  }

  /** The lag at which the track was found last. */
  get known(): number | undefined {
    return this.#lag;
  }

  reset(): void {
    this.#lag = undefined;
    this.#usual = undefined;
    this.#newest = { reference: 0, stream: 0 };
  }

  /** @param elsewhere lag of the other track, for a track that was never found itself */
  compare(stream: SampledSeries, reference: SampledSeries, elsewhere: number | undefined): TrackState {
    if (this.#exhausted(stream, reference, this.#lag ?? elsewhere ?? 0))
      return { confidence: 0, reason: 'no-more' };
    const near = this.#lag === undefined ? undefined : this.#seek(stream, reference, around(this.#lag));
    const peak = near ?? this.#seek(stream, reference, wholeRange);
    if (peak) {
      this.#lag = peak.lag;
      this.#usual = Math.min(1, 0.8 * (this.#usual ?? peak.correlation) + 0.2 * peak.correlation);
    }
    const expected = this.#lag ?? elsewhere;
    const match = expected === undefined ? undefined : this.#match(stream, reference, expected);
    const confidence = peak ? Math.min(1, peak.correlation * (1 - peak.second / peak.correlation) * 1.5) : 0;
    return {
      confidence,
      ...(peak ? { lag: peak.lag } : { reason: this.#reason(stream, reference) }),
      ...(match !== undefined && { match }),
    };
  }

  /** Whether the reference ended or stands still, and the stream has passed all that came of it. */
  #exhausted(stream: SampledSeries, reference: SampledSeries, lag: number): boolean {
    if (reference.end !== this.#newest.reference)
      this.#newest = { reference: reference.end, stream: stream.end };
    const { rate } = this.#settings.shape;
    const waited = stream.end - Math.max(this.#newest.stream, reference.end + Math.round(lag * rate));
    return waited > patience * rate;
  }

  #seek(stream: SampledSeries, reference: SampledSeries, range: LagRange) {
    const peak = findLag(stream, reference, range, pooled);
    if (!peak || peak.correlation < this.#settings.leastCorrelation) return undefined;
    if (peak.second > mostSecond * peak.correlation) return undefined;
    return this.#changes(stream, reference, peak.lag, pooled.shortest, this.#settings.leastActivity)
      ? peak
      : undefined;
  }

  #match(stream: SampledSeries, reference: SampledSeries, lag: number): number | undefined {
    const { seconds, leastActivity, chance } = this.#settings.content;
    const contrast = found * (this.#usual ?? usualAtFirst) - chance;
    if (contrast < leastContrast) return undefined;
    if (!this.#changes(stream, reference, lag, seconds, leastActivity)) return undefined;
    const agreement = correlateAbout(stream, reference, lag, slip, { longest: seconds, shortest: seconds });
    return agreement && Math.max(0, Math.min(1, (agreement.correlation - chance) / contrast));
  }

  /** Whether the reference changes in what is compared at a lag. */
  #changes(
    stream: SampledSeries,
    reference: SampledSeries,
    lag: number,
    seconds: number,
    least: number,
  ): boolean {
    const { rate } = this.#settings.shape;
    const rows = Math.round(lag * rate);
    const end = Math.min(stream.end - rows, reference.end);
    const start = Math.round(end - seconds * rate);
    if (start < reference.start || end <= start) return false;
    return reference.activity(start, end) >= least;
  }

  #reason(stream: SampledSeries, reference: SampledSeries): TrackState['reason'] {
    const rows = pooled.shortest * this.#settings.shape.rate;
    const shortest = Math.min(stream.end - stream.start, reference.end - reference.start);
    if (shortest < rows) return 'too-little';
    const changes = reference.activity(Math.max(reference.start, reference.end - rows), reference.end);
    return changes < this.#settings.leastActivity ? 'no-change' : 'no-agreement';
  }
}

function around(lag: number): LagRange {
  return { from: lag - nearby, to: lag + nearby };
}
