import type { ChannelLevel, PageSound, SoundFigure } from '../../crds/page-api.ts';
import type { Measurement } from '../detectors/contract.ts';
import { RecentSeries } from './recent-series.ts';

const windows = { momentary: 'momentary', 'short-term': 'shortTerm', integrated: 'integrated' } as const;
/** Levels that are older say nothing of now, in ms. */
const levelsHold = 3_000;

/** What the page shows of a stream's sound. */
export class SoundState {
  readonly #momentary = new RecentSeries();
  readonly #shortTerm = new RecentSeries();
  readonly #figures = new Map<SoundFigure, number>();
  #levels: readonly ChannelLevel[] = [];
  #levelsAt = 0;

  levels(channels: readonly ChannelLevel[], time: number): void {
    this.#levels = channels;
    this.#levelsAt = time;
  }

  measured(measurement: Measurement, time: number): void {
    const { name, value } = measurement;
    if (name === 'true_peak_dbtp') this.#figures.set('truePeak', value);
    if (name === 'loudness_range_lu') this.#figures.set('range', value);
    if (name !== 'loudness_lufs') return;
    const figure = windows[measurement.window];
    this.#figures.set(figure, value);
    if (figure === 'momentary') this.#momentary.add(time, value);
    if (figure === 'shortTerm') this.#shortTerm.add(time, value);
  }

  /** `undefined` for a stream of which no sound was heard. */
  sound(time: number): PageSound | undefined {
    if (this.#levelsAt === 0 && this.#figures.size === 0) return undefined;
    return {
      channels: time - this.#levelsAt <= levelsHold ? this.#levels : [],
      figures: Object.fromEntries(this.#figures),
      momentary: this.#momentary.recent(),
      shortTerm: this.#shortTerm.recent(),
    };
  }
}
