import parse from 'parse-duration';

/** Durations as Kubernetes writes them (Go's `time.Duration`): `45ms`, `2s`, `1m30s`, `2h`. */
export const durationPattern = /^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/;

/**
 * Seconds of a duration text.
 * @throws RangeError when the text is not a duration
 */
export function durationSeconds(text: string): number {
  const seconds = durationPattern.test(text) ? parse(text, 's') : null;
  if (seconds === null) throw new RangeError(`"${text}" is not a duration; write it like 45ms, 2s or 1m30s`);
  return seconds;
}
