import type { KubeConnection } from './kube-connection.ts';
import { KubeError } from './kube-error.ts';
import { type Call, type CallRecord, KubeTransport } from './kube-transport.ts';
import { RateLimiter } from './rate-limiter.ts';
import { apiVersionOf, type KubeObject, objectKey, pods, type Resource, resourcePath } from './resource.ts';
import { type FailureStatus, statusError } from './status-error.ts';
import { lines } from './watch-lines.ts';

export interface KubeClientOptions {
  /** Name and version of the program: the server's audit log and flow control know callers by it. */
  readonly userAgent: string;
  /** Calls per second in the long run; watches do not count. */
  readonly qps: number;
  /** Calls at once after rest. */
  readonly burst: number;
  /** Who owns the fields that are written. */
  readonly fieldManager: string;
  /** Longest silence of the server within a call, ms; 30,000 when left out. */
  readonly timeout?: number;
  /** Told of every request, repetitions included. */
  readonly onCall?: (call: CallRecord) => void;
  /**
   * Asked right before each request that is to change something; when it says no, nothing is sent and the call fails
   * with `Forbidden`. A process that wakes up from a long sleep must not finish what has become another's work.
   */
  readonly mayWrite?: () => boolean;
}

export interface Selection {
  /** All namespaces when left out. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly signal?: AbortSignal;
}

export interface ListOptions extends Selection {
  /** Most objects in the answer; the rest is had with `continue`. */
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
}

/** A page of a list. */
export interface ListPage<T> {
  readonly items: T[];
  /** Version of the whole list: a watch goes on from here. */
  readonly resourceVersion: string;
  /** Set when there are further pages. */
  readonly continue?: string;
}

export interface WatchOptions extends Selection {
  /** Events after this version. */
  readonly resourceVersion: string;
  /** Seconds after which the server ends the watch; 300 when left out. */
  readonly timeout?: number;
  /** Longest silence, ms, before the connection counts as dead; 90,000 when left out (a bookmark comes each minute). */
  readonly idleTimeout?: number;
}

/** A change. The object of a BOOKMARK holds a resourceVersion alone: all events before it were sent. */
export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

export interface ApplyOptions {
  /** Takes fields over that another manager owns. */
  readonly force?: boolean;
  readonly subresource?: string;
}

export interface DeleteOptions {
  /** Deletes this very object, never another one that has its name by now. */
  readonly uid?: string;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
}

/**
 * Calls of the Kubernetes API on raw JSON objects. Every failure is a KubeError. Calls that the server turns away (429;
 * 503 with Retry-After) are sent again after the time that it asks for, up to five times in all.
 */
export class KubeClient {
  readonly #fieldManager: string;
  readonly #transport: KubeTransport;

  /**
   * @param connection may be shared by several clients, each with a rate of its own
   * @throws RangeError when qps or burst are out of range
   */
  constructor(connection: KubeConnection, options: KubeClientOptions) {
    const { userAgent, onCall, timeout = 30_000, mayWrite = () => true } = options;
    this.#fieldManager = options.fieldManager;
    const limiter = new RateLimiter(options.qps, options.burst);
    this.#transport = new KubeTransport(connection, limiter, { userAgent, timeout, onCall, mayWrite });
  }

  async get<T extends KubeObject>(resource: Resource, name: string, namespace?: string): Promise<T> {
    return this.#transport.send<T>(one('get', 'GET', resource, name, namespace));
  }

  /** One page, of objects that carry apiVersion and kind as those of other calls do. */
  async list<T extends KubeObject>(resource: Resource, options: ListOptions = {}): Promise<ListPage<T>> {
    const { namespace, signal, ...query } = options;
    const call = collection('list', 'GET', resource, namespace);
    const answer = await this.#transport.send<{
      metadata?: { resourceVersion?: string; continue?: string };
      items?: T[] | null;
    }>({ ...call, query, signal });
    const items = answer.items ?? [];
    for (const item of items) {
      item.apiVersion ??= apiVersionOf(resource);
      item.kind ??= resource.kind;
    }
    return {
      items,
      resourceVersion: answer.metadata?.resourceVersion ?? '',
      continue: answer.metadata?.continue || undefined,
    };
  }

  /** @throws KubeError `AlreadyExists` */
  async create<T extends KubeObject>(resource: Resource, object: T): Promise<T> {
    const { namespace, name } = object.metadata;
    const call = collection('create', 'POST', resource, namespace);
    return this.#transport.send<T>({
      ...call,
      subject: objectKey(namespace, name),
      query: { fieldManager: this.#fieldManager },
      body: typed(resource, object),
    });
  }

  /** @throws KubeError `Conflict` when the object has another resourceVersion by now */
  async replace<T extends KubeObject>(resource: Resource, object: T, subresource?: string): Promise<T> {
    const { namespace, name } = object.metadata;
    return this.#transport.send<T>({
      ...one('update', 'PUT', resource, name, namespace, subresource),
      query: { fieldManager: this.#fieldManager },
      body: typed(resource, object),
    });
  }

  /**
   * Server-side apply: the fields in `object` become as they are there, and those that were applied before and are
   * gone from it are removed. One that changes nothing leaves the resourceVersion as it is.
   * @throws KubeError `Conflict` when another manager owns a field and `force` is not set
   */
  async apply<T extends KubeObject>(resource: Resource, object: T, options: ApplyOptions = {}): Promise<T> {
    const { namespace, name } = object.metadata;
    return this.#transport.send<T>({
      ...one('apply', 'PATCH', resource, name, namespace, options.subresource),
      query: { fieldManager: this.#fieldManager, force: options.force ?? false },
      contentType: 'application/apply-patch+yaml',
      body: typed(resource, object),
    });
  }

  /** Merge patch (RFC 7386): null removes a field, a list replaces the whole list. */
  async patch<T extends KubeObject>(
    resource: Resource,
    name: string,
    namespace: string | undefined,
    mergePatch: unknown,
    subresource?: string,
  ): Promise<T> {
    return this.#transport.send<T>({
      ...one('patch', 'PATCH', resource, name, namespace, subresource),
      query: { fieldManager: this.#fieldManager },
      contentType: 'application/merge-patch+json',
      body: mergePatch,
    });
  }

  /** An object that is not there, or has another uid, is deleted already: that is success. */
  async delete(
    resource: Resource,
    name: string,
    namespace?: string,
    options: DeleteOptions = {},
  ): Promise<void> {
    const { uid, propagationPolicy } = options;
    try {
      await this.#transport.send({
        ...one('delete', 'DELETE', resource, name, namespace),
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          ...(uid !== undefined && { preconditions: { uid } }),
          propagationPolicy,
        },
      });
    } catch (error) {
      if (!isDeleted(error)) throw error;
    }
  }

  /**
   * What a pod answers to a GET, by way of the API server; takes the right to get `pods/proxy`.
   * @param path begins with a slash
   */
  async askPod<T>(namespace: string, name: string, port: number, path: string): Promise<T> {
    const call = one('get', 'GET', pods, name, namespace, 'proxy');
    return this.#transport.send<T>({
      ...call,
      path: `${resourcePath(pods, namespace, `${name}:${port}`, 'proxy')}${path}`,
    });
  }

  /**
   * Changes as the server tells them, until it ends the watch; to leave the loop ends it too.
   * @throws KubeError in the midst of the iteration: `Gone` when the version is too old for a watch, `Timeout` when
   *   nothing was heard for `idleTimeout`
   */
  async *watch<T extends KubeObject>(
    resource: Resource,
    options: WatchOptions,
  ): AsyncGenerator<WatchEvent<T>> {
    const { namespace, signal, timeout = 300, idleTimeout = 90_000, ...selection } = options;
    const call: Call = {
      ...collection('watch', 'GET', resource, namespace),
      query: { ...selection, watch: true, allowWatchBookmarks: true, timeoutSeconds: timeout },
      signal,
    };
    for await (const line of lines(this.#transport.stream(call, idleTimeout))) {
      yield watchEvent<T>(`watch ${resource.plural}`, line);
    }
  }

  /** Ends the calls and watches that run. The connection is closed by who opened it. */
  async close(): Promise<void> {
    this.#transport.close();
  }
}

function collection(verb: string, method: Call['method'], resource: Resource, namespace?: string): Call {
  return {
    verb,
    method,
    resource: resource.plural,
    subject: namespace ?? '',
    path: resourcePath(resource, namespace),
  };
}

function one(
  verb: string,
  method: Call['method'],
  resource: Resource,
  name: string,
  namespace?: string,
  subresource?: string,
): Call {
  return {
    verb,
    method,
    resource: subresource === undefined ? resource.plural : `${resource.plural}/${subresource}`,
    subject: objectKey(namespace, name),
    path: resourcePath(resource, namespace, name, subresource),
  };
}

function typed<T extends KubeObject>(resource: Resource, object: T): T {
  return { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind };
}

function isDeleted(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  if (error.code === 'NotFound') return true;
  // Told in two ways, by the store and by the handler before it.
  return error.code === 'Conflict' && /precondition/i.test(error.message) && /\bUID\b/.test(error.message);
}

function watchEvent<T>(call: string, line: string): WatchEvent<T> {
  let event: { type: string; object: unknown };
  try {
    event = JSON.parse(line) as typeof event;
  } catch {
    throw new KubeError('Server', `${call}: an event is not JSON`, { reason: 'NotJson' });
  }
  if (event.type !== 'ERROR') return event as WatchEvent<T>;
  const status = event.object as FailureStatus;
  throw statusError(call, status.code ?? 500, status);
}
