/** Sums over the recorded rates, so that each stream counts with the time that it was watched. */
const total = (series: string, selector: string, by: string) =>
  `sum${by}(sum_over_time(${series}{${selector}}[$__range]))`;

/** Share of the watched time with a defect, over the whole range: a critical one or one that disturbs. */
export function defectShare(selector: string, by: readonly string[] = []): string {
  const group = grouping(by);
  const defect = total('stream:streammonitor_defect_seconds:rate5m', selector, group);
  return `${defect} / (${total('stream:streammonitor_monitored_seconds:rate5m', selector, group)} > 0)`;
}

/** Share of the time without any, over the whole range. */
export function defectFreeShare(selector: string): string {
  return `1 - ${defectShare(selector)}`;
}

/** Share of the time in which streams should have been watched and were not, over the whole range. */
export function blindShare(selector: string, by: readonly string[] = []): string {
  const group = grouping(by);
  const blind = total('stream:streammonitor_blind_seconds:rate5m', selector, group);
  const monitored = total('stream:streammonitor_monitored_seconds:rate5m', selector, group);
  return `${blind} / (${blind} + ${monitored} > 0)`;
}

/** Share of the watched time with a defect of each detector, at each moment. */
export function defectShareByDetector(selector: string, ofStreams: string): string {
  return `sum by (detector) (stream_detector:streammonitor_defect_seconds:rate5m{${selector}, severity=~"critical|warning"})
/ on () group_left () (sum(stream:streammonitor_monitored_seconds:rate5m{${ofStreams}}) > 0)`;
}

/**
 * Rates by a label, of those that counted anything in the chosen time before; where none did, one zero named `none`, so
 * that nothing is told from no data.
 * @param by further labels, for each of which that holds
 */
export function ratesThatCounted(
  counter: string,
  label: string,
  by: readonly string[] = [],
  factor = 1,
): string {
  const rate = (labels: readonly string[]) =>
    `${factor === 1 ? '' : `${factor} * `}sum by (${labels.join(', ')}) (rate(${counter}[$__rate_interval]))`;
  const labels = [...by, label];
  return `(${rate(labels)} and sum by (${labels.join(', ')}) (increase(${counter}[$__range])) > 0)
or on (${by.join(', ')}) label_replace(${rate(by)}, "${label}", "none", "", "")`;
}

function grouping(by: readonly string[]): string {
  return by.length > 0 ? ` by (${by.join(', ')}) ` : '';
}
