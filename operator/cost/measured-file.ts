import { parseShardReport, type ShardReport } from '../../crds/shard-report.ts';
import { type Measurement, readMeasurement } from './measurement.ts';

/** What a file of measured CPU holds. */
export type Measured = { readonly reports: readonly ShardReport[] } | { readonly measurement: Measurement };

/**
 * Reads what was measured: the report of a shard, a list of such, or the JSON of the benchmark.
 * @throws Error naming each wrong field
 */
export function parseMeasured(text: string): Measured {
  const document = jsonOf(text);
  if (Array.isArray(document)) return { reports: document.map(parseShardReport) };
  const { kind } = (document ?? {}) as { kind?: unknown };
  return kind === 'ShardReport'
    ? { reports: [parseShardReport(document)] }
    : { measurement: readMeasurement(document) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`is not JSON: ${(error as Error).message}`);
  }
}
