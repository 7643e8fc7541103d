import { closest, distance } from 'fastest-levenshtein';
import { renditionSuffixPattern } from '../../crds/stream-renditions.ts';

/** What is to be explained. */
export interface ExplainTarget {
  readonly monitor: string;
  readonly stream?: string;
}

const name = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?';
const form = new RegExp(`^(?<monitor>${name})(?:/(?<stream>${name}(?:${renditionSuffixPattern})?))?$`);

/**
 * Reads `MONITOR` or `MONITOR/STREAM`.
 * @throws RangeError naming what is wrong
 */
export function explainTarget(text: string): ExplainTarget {
  const { monitor, stream } = form.exec(text)?.groups ?? {};
  if (monitor === undefined) {
    throw new RangeError(
      `"${text}" is not MONITOR or MONITOR/STREAM: names have up to 63 lower-case letters, digits and dashes, ` +
        'and the namespace is given with -n',
    );
  }
  return { monitor, ...(stream !== undefined && { stream }) };
}

/** `; did you mean sports?`, or else what there is; empty where there is nothing. A stream may be its renditions. */
export function hint(text: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const renditions = known.filter((name) => name.startsWith(`${text}@`));
  if (renditions.length > 0) return `; it is watched as ${renditions.toSorted().join(', ')}`;
  const candidate = closest(text, [...known]);
  if (distance(text, candidate) <= Math.ceil(candidate.length / 3)) return `; did you mean ${candidate}?`;
  const shown = known.toSorted().slice(0, 10);
  const more = known.length - shown.length;
  return `; there are ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
