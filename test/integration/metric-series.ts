/** Metrics as a scraper reads them: the text of one answer, by name and labels. */
export class MetricSeries {
  readonly text: string;
  readonly #series: readonly { name: string; labels: Readonly<Record<string, string>>; value: number }[];

  constructor(text: string) {
    this.text = text;
    this.#series = text.split('\n').flatMap((line) => {
      const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (name === undefined) return [];
      const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key, text]);
      return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
    });
  }

  /** Sum of the series of this name with these labels; `undefined` where there is none. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const found = this.#series.filter(
      (series) =>
        series.name === `streammonitor_${name}` &&
        Object.entries(labels).every(([key, value]) => series.labels[key] === value),
    );
    return found.length > 0 ? found.reduce((sum, { value }) => sum + value, 0) : undefined;
  }
}
