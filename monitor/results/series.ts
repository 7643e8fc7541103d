import type { ResultsTarget } from '../../crds/assignment.ts';
import type { Importance } from '../spool/drop-policy.ts';

/** One place that results go to: exactly one of the two. */
export type Destination =
  | { readonly s3: NonNullable<ResultsTarget['s3']>; readonly directory?: undefined }
  | { readonly s3?: undefined; readonly directory: string };

/** The places of a results target. */
export function destinationsOf({ s3, directory }: ResultsTarget): Destination[] {
  return [...(s3 ? [{ s3 }] : []), ...(directory === undefined ? [] : [{ directory }])];
}

/** Records that share an object. Summaries and incidents have objects of their own, to be given up in that order. */
export interface Series {
  readonly shard: string;
  readonly destination: Destination;
  readonly detector: string;
  /** `YYYY-MM-DDTHH`, UTC. */
  readonly hour: string;
  readonly importance: Extract<Importance, 'summary' | 'incident'>;
}

/** The UTC hour of an ISO 8601 time in UTC. */
export function hourOf(time: string): string {
  return time.slice(0, 13);
}

/** Key of a series' object, in the Hive layout that DuckDB and Athena read columns from. */
export function objectKey({ destination, detector, hour }: Series, name: string): string {
  const [date, hourOfDay] = hour.split('T');
  const partition = `detector=${detector}/date=${date}/hour=${hourOfDay}`;
  return `${prefixOf(destination)}${partition}/${name}.jsonl.gz`;
}

/** Key of a picture. */
export function evidenceKey(destination: Destination, fileName: string): string {
  return `${prefixOf(destination)}evidence/${fileName}`;
}

/** A prefix is a folder whether or not it is written with its slash. */
function prefixOf({ s3 }: Destination): string {
  const prefix = s3?.prefix ?? '';
  return prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
}
