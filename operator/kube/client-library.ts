import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * The Kubernetes client library, loaded when it is first asked for: with its model of every API it takes 80 MB, and most
 * accounts need none of it.
 */
export function clientLibrary(): typeof import('@kubernetes/client-node') {
  return require('@kubernetes/client-node');
}
