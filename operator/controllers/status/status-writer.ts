import type { StreamMonitorStatus } from '../../../crds/stream-monitor.ts';
import type { KubeClient } from '../../kube/kube-client.ts';
import { KubeError } from '../../kube/kube-error.ts';
import type { KubeObject, Resource } from '../../kube/resource.ts';
import { sameStatus } from './monitor-status.ts';

/** What of a StreamMonitor is needed to write its status. */
export interface StatusHolder extends KubeObject {
  readonly status?: StreamMonitorStatus;
}

export interface StatusWriterOptions {
  readonly client: Pick<KubeClient, 'apply'>;
  /** StreamMonitors. */
  readonly resource: Resource;
  /** Time in which one status is written twice at most, ms; 15,000 when left out. */
  readonly window?: number;
  /** The server's answer, for caches. */
  readonly onWritten?: (object: StatusHolder) => void;
  readonly onResult?: (result: 'written' | 'failed' | 'suppressed') => void;
}

/** When to come again with a newer status, in ms; never by itself where absent. */
export interface StatusOutcome {
  readonly after?: number;
}

/** Before a write that met a conflict or a failed server is tried again, ms, where the server names no time. */
const retryAfter = 2_000;

/**
 * Writes the status of StreamMonitors when it says something new: the first two changes at once, what follows within the
 * interval as one. One object is to be written by one caller at a time.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #window: number;
  /** When each object was written, the last time and the one before, in ms of the monotonic clock, by uid or name. */
  readonly #written = new Map<string, { readonly last: number; readonly before: number }>();

  constructor(options: StatusWriterOptions) {
    this.#options = options;
    this.#window = options.window ?? 15_000;
  }

  /**
   * @param monitor as it was last seen, one's own writes included
   * @throws KubeError that no repetition mends, such as `Forbidden`
   */
  async write(monitor: StatusHolder, status: StreamMonitorStatus): Promise<StatusOutcome> {
    const { onResult } = this.#options;
    const key = keyOf(monitor);
    if (sameStatus(monitor.status, status)) {
      onResult?.('suppressed');
      return {};
    }
    const wait =
      (this.#written.get(key)?.before ?? Number.NEGATIVE_INFINITY) + this.#window - performance.now();
    if (wait > 0) {
      onResult?.('suppressed');
      return { after: Math.ceil(wait) };
    }
    try {
      const written = await this.#apply(monitor, status);
      const before = this.#written.get(key)?.last ?? Number.NEGATIVE_INFINITY;
      this.#written.set(key, { last: performance.now(), before });
      onResult?.('written');
      this.#options.onWritten?.(written);
      return {};
    } catch (error) {
      return this.#outcomeOf(error, key);
    }
  }

  /** The object is gone. */
  forget(monitor: StatusHolder): void {
    this.#written.delete(keyOf(monitor));
  }

  #apply({ metadata }: StatusHolder, status: StreamMonitorStatus): Promise<StatusHolder> {
    const { name, namespace, resourceVersion } = metadata;
    // Under the version that was seen, so that it is never said of a newer one, nor of another object of the name. The
    // server does not look at a uid here.
    const object = { metadata: { name, namespace, resourceVersion }, status };
    return this.#options.client.apply<StatusHolder>(this.#options.resource, object, {
      subresource: 'status',
      force: true,
    });
  }

  #outcomeOf(error: unknown, key: string): StatusOutcome {
    if (error instanceof KubeError && error.code === 'NotFound') {
      this.#written.delete(key);
      return {};
    }
    this.#options.onResult?.('failed');
    if (!(error instanceof KubeError) || !(error.retryable || error.code === 'Conflict')) throw error;
    return { after: error.retryAfter === undefined ? retryAfter : error.retryAfter * 1000 };
  }
}

function keyOf({ metadata: { uid, namespace, name } }: StatusHolder): string {
  return uid ?? `${namespace}/${name}`;
}
