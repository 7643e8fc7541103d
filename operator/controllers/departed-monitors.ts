import type { KubeClient } from '../kube/kube-client.ts';
import { isKubeError } from '../kube/kube-error.ts';
import type { KubeObject } from '../kube/resource.ts';
import { streamMonitors } from './cluster-caches.ts';

/**
 * Makes sure of StreamMonitors of which shards watch streams, and that are not among those that were listed. To end
 * their streams cannot be undone, and a list can be of long ago; so the server is asked by name, once for each.
 */
export class DepartedMonitors {
  readonly #client: Pick<KubeClient, 'get'>;
  readonly #namespace: string;
  readonly #gone = new Set<string>();

  constructor(client: Pick<KubeClient, 'get'>, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  /**
   * @param missing names
   * @returns those that are there after all: what is known of the namespace is behind
   * @throws KubeError when it is not known
   */
  async stillThere(missing: ReadonlySet<string>): Promise<readonly KubeObject[]> {
    for (const name of this.#gone) if (!missing.has(name)) this.#gone.delete(name);
    const unsure = [...missing].filter((name) => !this.#gone.has(name));
    const found = await Promise.all(unsure.map((name) => this.#ask(name)));
    return found.filter((object) => object !== undefined);
  }

  async #ask(name: string): Promise<KubeObject | undefined> {
    const object = await this.#client
      .get<KubeObject>(streamMonitors, name, this.#namespace)
      .catch((error: unknown) => {
        if (isKubeError(error, 'NotFound')) return undefined;
        throw error;
      });
    if (object && object.metadata.deletionTimestamp === undefined) return object;
    this.#gone.add(name);
    return undefined;
  }
}
