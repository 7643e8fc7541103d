import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamAssignment } from '../../crds/assignment.ts';
import type { IncidentEvent } from '../../crds/incident-event.ts';
import { parseShardReport, type ShardReport, type StreamReport } from '../../crds/shard-report.ts';
import type { StreamMonitorStatus } from '../../crds/stream-monitor.ts';
import type { PodProcess } from './cluster/pod-process.ts';
import type { LiveCluster } from './live-cluster.ts';
import { eventually } from './run-process.ts';
import { newWebhookSecret } from './state-directory.ts';
import { startWebhookServer, type WebhookServer } from './webhook-server.ts';

/** A stream on a shard, as the assignments name it. */
export interface Placed {
  readonly shard: string;
  readonly stream: StreamAssignment;
}

const name = 'sports';
/** Seconds that anything may take: a machine can be busy, and what is measured is not how long it waits. */
const patience = 90;
/** What the defects of these tests need, and nothing that could find another when the machine is short of CPU. */
const detectors = {
  freeze: { minDuration: '2s' },
  stall: { enabled: false },
  'av-sync': { enabled: false },
  'block-corruption': { enabled: false },
  silence: { enabled: false },
};

/** A namespace with one StreamMonitor, `sports`, and a receiver of what its monitors tell. */
export class LiveNamespace {
  readonly name: string;
  readonly webhook: WebhookServer;
  readonly #cluster: LiveCluster;
  readonly #signing: { secret: string };

  private constructor(
    cluster: LiveCluster,
    namespace: string,
    webhook: WebhookServer,
    signing: { secret: string },
  ) {
    this.#cluster = cluster;
    this.name = namespace;
    this.webhook = webhook;
    this.#signing = signing;
  }

  static async create(cluster: LiveCluster, namespace: string): Promise<LiveNamespace> {
    const signing = { secret: newWebhookSecret() };
    const webhook = await startWebhookServer(() => signing.secret);
    const created = new LiveNamespace(cluster, namespace, webhook, signing);
    await cluster.plane.kubectl(['create', 'namespace', namespace]);
    await created.writeSecret('webhook', { key: signing.secret });
    return created;
  }

  /** The receiver takes another signature from now on; the monitors learn of it as a kubelet tells them. */
  async rotateWebhookSecret(): Promise<void> {
    this.#signing.secret = newWebhookSecret();
    await this.writeSecret('webhook', { key: this.#signing.secret });
  }

  async writeSecret(secret: string, stringData: Readonly<Record<string, string>>): Promise<void> {
    const metadata = { name: secret, namespace: this.name };
    await this.#cluster.plane.apply(
      JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata, stringData }),
    );
  }

  /** Writes the StreamMonitor: its spec but for detectors and notifications, which are those of all tests. */
  async write(spec: object): Promise<void> {
    const secretFrom = { secretKeyRef: { name: 'webhook', key: 'key' } };
    const object = {
      ...{ apiVersion: 'streammonitor.dev/v1alpha1', kind: 'StreamMonitor' },
      metadata: { name, namespace: this.name },
      spec: {
        detectors,
        notifications: [{ webhook: { url: this.webhook.url, secretFrom } }],
        ...spec,
      },
    };
    await this.#cluster.plane.apply(JSON.stringify(object));
  }

  async status(): Promise<StreamMonitorStatus | undefined> {
    const path = `/apis/streammonitor.dev/v1alpha1/namespaces/${this.name}/streammonitors/${name}`;
    return (await this.#cluster.plane.api.json<{ status?: StreamMonitorStatus }>('GET', path)).status;
  }

  /** Waits until a condition has a reason, and a message that is to be waited for; that message. */
  async condition(type: string, reason: string, says: (message: string) => boolean = () => true) {
    let last: unknown;
    return eventually(
      `${type} ${reason} of ${this.name}`,
      async () => {
        const found = (await this.status())?.conditions?.find((condition) => condition.type === type);
        last = found;
        return found?.reason === reason && says(found.message) && found.message;
      },
      patience,
    ).catch((error: Error) => {
      throw new Error(`${error.message}; it is ${JSON.stringify(last)}`);
    });
  }

  /** Every placement that the assignments hold now. */
  get placed(): Placed[] {
    return this.#cluster.history
      .assignments(this.name)
      .flatMap(({ shard, streams }) => streams.map((stream) => ({ shard, stream })));
  }

  /** The owner of each stream, by its name. */
  get owners(): Map<string, string> {
    const owned = this.placed.filter(({ stream }) => stream.role === 'owner');
    return new Map(owned.map(({ shard, stream }) => [stream.name, shard]));
  }

  /** Names of the shards that have an assignment, sorted. */
  get shards(): string[] {
    return this.#cluster.history
      .assignments(this.name)
      .map(({ shard }) => shard)
      .sort();
  }

  /** Whether so many streams have an owner that took them over, and none is on its way. */
  isSettled(streams: number): boolean {
    return (
      this.placed.length === streams &&
      this.placed.every(({ stream }) => stream.role === 'owner' && stream.adopt === undefined)
    );
  }

  /** Waits until all streams have come to rest on shards that are so. */
  async settled(
    what: string,
    streams: number,
    on: (shard: string) => boolean,
    seconds = patience,
  ): Promise<void> {
    await this.#cluster.history
      .when(
        `${this.name}: ${what}`,
        () => this.isSettled(streams) && [...this.owners.values()].every(on),
        seconds,
      )
      .catch((error: Error) => {
        const where = this.placed.map(({ shard, stream }) => `${stream.name} ${stream.role} on ${shard}`);
        throw new Error(`${error.message}: ${where.join(', ')}`);
      });
  }

  /** The pod of a shard. */
  pod(shard: string): PodProcess {
    const pods = this.#cluster.kubelet.processes(this.name);
    const found = pods.find(({ pod }) => pod.metadata.labels?.['streammonitor.dev/shard'] === shard);
    if (!found) throw new Error(`${shard} has no pod`);
    return found;
  }

  async report(shard: string): Promise<ShardReport> {
    const answer = await fetch(`http://${this.pod(shard).address}:8080/report`);
    return parseShardReport(await answer.json());
  }

  /** What its owner says of a stream. */
  async streamReport(stream: string): Promise<StreamReport | undefined> {
    const shard = this.owners.get(stream);
    if (shard === undefined) return undefined;
    const report = await this.report(shard).catch(() => undefined);
    return report?.streams.find((each) => each.name === stream && each.role === 'owner');
  }

  /** Waits until each stream is watched by its owner; since when, in ms since 1970. */
  async watched(streams: readonly string[]): Promise<Map<string, number>> {
    const since = new Map<string, number>();
    for (const stream of streams) {
      const report = await eventually(
        `${this.name}: ${stream} is watched`,
        async () => {
          const found = await this.streamReport(stream);
          return found?.firstFrameTime !== undefined && found.phase === 'Up' && found;
        },
        patience,
      );
      since.set(stream, Date.parse(report.firstFrameTime!));
    }
    return since;
  }

  /** What the receiver was told, oldest first. */
  get told(): IncidentEvent[] {
    return this.webhook.deliveries.map(({ event }) => event);
  }

  /** Waits for the first event of a change of this name. */
  toldOf(change: 'opened' | 'closed', seconds = patience): Promise<IncidentEvent> {
    const type = `dev.streammonitor.incident.${change}`;
    return eventually(
      `${this.name}: told that an incident was ${change}`,
      () => this.told.find((event) => event.type === type),
      seconds,
    );
  }

  /** Changes and ids of all that was told; how often the same event came again. */
  summary(): { readonly changes: string[]; readonly ids: string[]; readonly repetitions: number } {
    const events = new Map(this.told.map((event) => [event.id, event]));
    return {
      changes: [...events.values()]
        .map(({ type }) => type.split('.').at(-1)!)
        .filter((change) => change !== 'updated'),
      ids: [...new Set(this.told.map(({ data }) => data.incident.id))],
      repetitions: this.told.length - events.size,
    };
  }

  /** Stops watching for good; waits until every shard has delivered and is gone. When the streams were let go of. */
  async suspend(spec: object): Promise<number> {
    await this.write({ ...spec, suspend: true });
    const { history, kubelet } = this.#cluster;
    await history.when(`${this.name}: let go`, () => this.placed.length === 0, patience);
    const at = Date.now();
    await history.when(`${this.name}: no shard is left`, () => this.shards.length === 0, patience);
    while (kubelet.processes(this.name).length > 0) await sleep(100);
    return at;
  }

  async stop(): Promise<void> {
    await this.webhook.close();
  }
}
