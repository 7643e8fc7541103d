import { inject } from 'vitest';
import { type S3Server, startS3Server } from '../integration/s3-server.ts';
import { Doorways } from './doorway.ts';
import { Installation } from './installation.ts';
import { Kubernetes } from './kubernetes.ts';
import { LiveNamespace } from './live-namespace.ts';

/** What the tests of one file work with: the cluster, a release of the chart, servers that pods reach. */
export class Scene {
  readonly kubernetes: Kubernetes;
  readonly installation: Installation;
  readonly doorways: Doorways;
  readonly s3: S3Server;
  readonly #namespaces: LiveNamespace[] = [];

  private constructor(kubernetes: Kubernetes, doorways: Doorways, s3: S3Server) {
    this.kubernetes = kubernetes;
    this.installation = new Installation(kubernetes);
    this.doorways = doorways;
    this.s3 = s3;
  }

  static async open(): Promise<Scene> {
    const kubernetes = await Kubernetes.connect(inject('kubeconfig'));
    return new Scene(kubernetes, new Doorways(inject('hostAddress')), await startS3Server());
  }

  async namespace(name: string): Promise<LiveNamespace> {
    const namespace = await LiveNamespace.create(this, name);
    this.#namespaces.push(namespace);
    return namespace;
  }

  async close(): Promise<void> {
    const names = this.#namespaces.map(({ name }) => name);
    if (names.length > 0) {
      await this.kubernetes.kubectl([
        'delete',
        'namespace',
        ...names,
        '--ignore-not-found',
        '--timeout=120s',
      ]);
    }
    await this.installation.purge();
    for (const namespace of this.#namespaces) await namespace.stop();
    this.doorways.close();
    await this.s3.remove();
    await this.kubernetes.close();
  }
}
