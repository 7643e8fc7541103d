/** Orders shards by pool and then by number, so that `a-2` comes before `a-10`. */
export function shardOrder(
  a: { readonly name: string; readonly pool: string },
  b: { readonly name: string; readonly pool: string },
): number {
  return textOrder(a.pool, b.pool) || a.name.length - b.name.length || textOrder(a.name, b.name);
}

/** Orders texts by code unit: the same on every machine. */
export function textOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
