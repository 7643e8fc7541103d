import type { Logger } from 'pino';
import type { Change } from './object-cache.ts';
import type { KubeObject } from './resource.ts';

export interface ReflectorOptions<T> {
  /** All namespaces when left out. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly logger: Logger;
  /** What is kept of an object; `withoutBookkeeping` when left out. */
  readonly transform?: (raw: T) => T;
  /** Called in the order of the changes, before the next one is read: it should do no more than queue the key. */
  readonly onChange: (change: Change<T>) => void;
  /** Objects per page of a list; 500 when left out. */
  readonly pageSize?: number;
  /** Longest silence of a watch, ms; 90,000 when left out. Bookmarks come about each 60 s. */
  readonly idleTimeout?: number;
  /** Time between lists that find what no event told, ms; 600,000 when left out. */
  readonly relistEvery?: number;
  /** Waits after failures, ms; from 500 to 30,000 when left out. */
  readonly backOff?: { readonly initial: number; readonly maximum: number };
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** Drops what tools note in an object for themselves, often half of its size. */
export function withoutBookkeeping<T extends KubeObject>(raw: T): T {
  const metadata: KubeObject['metadata'] & { managedFields?: unknown } = raw.metadata;
  delete metadata.managedFields;
  if (metadata.annotations) delete metadata.annotations[lastApplied];
  return raw;
}
