import type { PageStream } from '../../crds/page-api.ts';

/** Names a stream within a wall, and in the page's URLs. */
export function streamKey({
  namespace,
  monitor,
  name,
}: Pick<PageStream, 'namespace' | 'monitor' | 'name'>): string {
  return `${namespace}/${monitor}/${name}`;
}
