/**
 * Whether everything that `desired` says holds in `live` already, so that applying it would change nothing. Objects
 * by subset, as the server adds defaults and other managers add fields; lists by equal length and element by element.
 * What `desired` leaves undefined it does not say.
 *
 * Two differences are not seen. A field that was applied before and is gone from `desired` still stands in `live`, and
 * counts as one of somebody else. And a value that the server rewrites counts as changed: quantities, for one, must be
 * in canonical form (`1`, not `1000m`).
 */
export function covers(live: unknown, desired: unknown): boolean {
  if (desired === undefined) return true;
  if (Array.isArray(desired)) {
    return (
      Array.isArray(live) &&
      live.length === desired.length &&
      desired.every((item, index) => covers(live[index], item))
    );
  }
  if (!isObject(desired)) return live === desired;
  return (
    isObject(live) &&
    Object.entries(desired).every(([name, value]) =>
      covers(Object.hasOwn(live, name) ? live[name] : undefined, value),
    )
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
