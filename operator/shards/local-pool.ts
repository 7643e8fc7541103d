import { createHash } from 'node:crypto';
import type { StreamMonitor } from '../../crds/stream-monitor.ts';

/**
 * Processes are all alike, so that one pool would do; a StreamMonitor that shares its shards with no other has its
 * own. Shards are called `shard-0`, or `shard-1a2b3c4d-0` where they are somebody's.
 */
export function localPoolOf({ metadata, spec }: StreamMonitor): string {
  if (spec.sharding?.isolation !== 'Dedicated') return 'shard';
  const owner = createHash('sha256').update(`${metadata.namespace}/${metadata.name}`).digest('hex');
  return `shard-${owner.slice(0, 8)}`;
}
