/** Labels by which the operator finds its objects, and nobody else's. */
export const labelKeys = {
  name: 'app.kubernetes.io/name',
  component: 'app.kubernetes.io/component',
  managedBy: 'app.kubernetes.io/managed-by',
  pool: 'streammonitor.dev/pool',
  shard: 'streammonitor.dev/shard',
} as const;

/** Selects every object that the operator manages, for its lists and watches. */
export const managedSelector = `${labelKeys.managedBy}=streammonitor`;

/** Annotation of a running pod: writing it makes the kubelet refresh the mounted assignment at once. */
export const generationAnnotation = 'streammonitor.dev/generation';

/** Labels of an object that belongs to a pool as a whole. */
export function poolLabels(pool: string): Record<string, string> {
  return {
    [labelKeys.name]: 'streammonitor',
    [labelKeys.component]: 'monitor',
    [labelKeys.managedBy]: 'streammonitor',
    [labelKeys.pool]: pool,
  };
}

/** Labels of an object that belongs to one shard. */
export function shardLabels(pool: string, shard: string): Record<string, string> {
  return { ...poolLabels(pool), [labelKeys.shard]: shard };
}

/** Selects the pods of a pool. */
export function poolSelector(pool: string): { matchLabels: Record<string, string> } {
  return { matchLabels: { [labelKeys.name]: 'streammonitor', [labelKeys.pool]: pool } };
}

/** Selects the pod of a shard. */
export function shardSelector(shard: string): { matchLabels: Record<string, string> } {
  return { matchLabels: { [labelKeys.name]: 'streammonitor', [labelKeys.shard]: shard } };
}
