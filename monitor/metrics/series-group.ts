import type { Counter, Gauge, Histogram } from 'prom-client';

type Labels = Readonly<Record<string, string>>;
type AnyMetric = Counter<string> | Gauge<string> | Histogram<string>;

/** The series of one owner, such as a stream: written with its labels, and removed together when it departs. */
export class SeriesGroup {
  readonly #own: Labels;
  readonly #series = new Map<AnyMetric, Map<string, Labels>>();

  constructor(own: Labels) {
    this.#own = own;
  }

  /** Adds to a counter; by 0, the series merely exists from now on. */
  increase(counter: Counter<string>, labels: Labels, by: number): void {
    // A wall clock that is set back gives negative seconds, which a counter refuses by throwing.
    counter.inc(this.#remember(counter, labels), Math.max(0, by));
  }

  set(gauge: Gauge<string>, labels: Labels, value: number): void {
    gauge.set(this.#remember(gauge, labels), value);
  }

  observe(histogram: Histogram<string>, labels: Labels, value: number): void {
    histogram.observe(this.#remember(histogram, labels), value);
  }

  /** Lets an empty histogram exist; one that has observations keeps them. */
  declare(histogram: Histogram<string>, labels: Labels): void {
    if (this.#series.get(histogram)?.has(keyOf(labels))) return;
    histogram.zero(this.#remember(histogram, labels));
  }

  /** Removes all series of one metric. */
  remove(metric: AnyMetric): void {
    for (const labels of this.#series.get(metric)?.values() ?? []) metric.remove(labels);
    this.#series.delete(metric);
  }

  removeAll(): void {
    for (const metric of [...this.#series.keys()]) this.remove(metric);
  }

  #remember(metric: AnyMetric, labels: Labels): Labels {
    let known = this.#series.get(metric);
    if (!known) {
      known = new Map();
      this.#series.set(metric, known);
    }
    const key = keyOf(labels);
    let all = known.get(key);
    if (!all) {
      all = { ...this.#own, ...labels };
      known.set(key, all);
    }
    return all;
  }
}

function keyOf(labels: Labels): string {
  return Object.values(labels).join('\n');
}
