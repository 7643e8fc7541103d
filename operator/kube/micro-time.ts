/** A time as `MicroTime` fields take it: RFC 3339 with six digits. The API server refuses those with three. */
export function microTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z');
}
