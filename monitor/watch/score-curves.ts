/** Seconds of score that go with an incident's evidence. */
const curveSeconds = 30;
/** Scores are kept at this spacing, in seconds; the highest of each interval counts. */
const spacing = 0.2;

type Point = [time: number, score: number];

/** The recent scores of each detector and kind. */
export class ScoreCurves {
  readonly #curves = new Map<string, Point[]>();
  #peaks = new Map<string, number>();

  add(detector: string, kind: string, time: number, score: number): void {
    this.#peaks.set(detector, Math.max(this.#peaks.get(detector) ?? 0, score));
    const key = `${detector}/${kind}`;
    let curve = this.#curves.get(key);
    if (!curve) {
      curve = [];
      this.#curves.set(key, curve);
    }
    const last = curve.at(-1);
    if (last && time - last[0] < spacing) {
      last[1] = Math.max(last[1], score);
      return;
    }
    curve.push([time, score]);
    if (curve.length > curveSeconds / spacing) curve.shift();
  }

  /** `[media seconds, score]` of the last half minute, oldest first. */
  of(detector: string, kind: string): readonly (readonly [number, number])[] {
    return (this.#curves.get(`${detector}/${kind}`) ?? []).map(([time, score]) => [time, score] as const);
  }

  /** The highest score of each detector since the last call. */
  takePeaks(): Record<string, number> {
    const peaks = Object.fromEntries(this.#peaks);
    this.#peaks = new Map();
    return peaks;
  }
}
