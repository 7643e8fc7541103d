import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from './cluster/control-plane.ts';
import { type FakeNodes, startFakeNodes } from './cluster/fake-nodes.ts';
import {
  type FollowListener,
  type SimulatedShards,
  startSimulatedShards,
} from './cluster/simulated-shards.ts';
import { operatorManifests } from './operator-process.ts';

/**
 * A real control plane with the CRD and the operator's account, whose pods take no process and answer as healthy shards
 * would: for the operator's own behaviour, with any number of shards.
 */
export class FakeCluster {
  readonly plane: ControlPlane;
  readonly fake: FakeNodes;
  readonly shards: SimulatedShards;
  readonly #stops: (() => Promise<void>)[] = [];

  private constructor(plane: ControlPlane, fake: FakeNodes, shards: SimulatedShards) {
    this.plane = plane;
    this.fake = fake;
    this.shards = shards;
  }

  static async start(
    nodes = 1,
    {
      onFollow,
      ...options
    }: Pick<ControlPlaneOptions, 'audited'> & { readonly onFollow?: FollowListener } = {},
  ): Promise<FakeCluster> {
    const plane = await startControlPlane({ ...options, manifests: operatorManifests() });
    const [fake, shards] = await Promise.all([
      startFakeNodes(plane, nodes),
      startSimulatedShards(plane, onFollow),
    ]);
    return new FakeCluster(plane, fake, shards);
  }

  /** What uses the cluster is stopped before it. */
  readonly atEnd = (stop: () => Promise<void>): void => {
    this.#stops.push(stop);
  };

  async stop(): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()));
    await this.shards.stop();
    await this.fake.stop();
    await this.plane.stop();
  }
}
