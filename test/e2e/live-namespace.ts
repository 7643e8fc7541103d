import type { IncidentEvent } from '../../crds/incident-event.ts';
import { parseShardReport, type ShardReport, type StreamReport } from '../../crds/shard-report.ts';
import type { StreamMonitorStatus } from '../../crds/stream-monitor.ts';
import { AssignmentHistory } from '../integration/cluster/assignment-history.ts';
import { queryResults } from '../integration/results-query.ts';
import { eventually } from '../integration/run-process.ts';
import type { S3Server } from '../integration/s3-server.ts';
import { newWebhookSecret } from '../integration/state-directory.ts';
import { startWebhookServer, type WebhookServer } from '../integration/webhook-server.ts';
import type { Doorways } from './doorway.ts';
import type { Kubernetes } from './kubernetes.ts';

/** A monitor's pod. */
export interface MonitorPod {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly { readonly image: string }[];
  };
  readonly status: {
    readonly phase: string;
    readonly containerStatuses?: readonly { readonly restartCount: number; readonly containerID?: string }[];
  };
}

/** When the watching of a stream began. */
export interface Beginning {
  /** Its first analysed frame, in ms since 1970. */
  readonly since: number;
  /** Seconds that were blind until then: it takes a moment to connect. */
  readonly blind: number;
}

/** What the results say of how much of a stream was watched, in seconds. */
export interface Coverage {
  /** Wall time less what was monitored. Below 0 where the two owners around a move both count a moment. */
  readonly missing: number;
  /** What the monitors themselves say they did not see, after the beginning. */
  readonly blind: number;
}

/** Seconds that anything may take: a machine can be busy, and what is measured is not how long it waits. */
const patience = 120;
const name = 'sports';

/** A namespace of a user, with one StreamMonitor, a receiver of its notifications and a place for its results. */
export class LiveNamespace {
  readonly name: string;
  readonly webhook: WebhookServer;
  readonly history: AssignmentHistory;
  /** The receiver's signing secret, which can be changed. */
  secret: string;
  readonly #kubernetes: Kubernetes;
  readonly #doorways: Doorways;
  readonly #s3: S3Server;

  private constructor(
    parts: { kubernetes: Kubernetes; doorways: Doorways; s3: S3Server },
    namespace: string,
    secret: string,
    webhook: WebhookServer,
    history: AssignmentHistory,
  ) {
    this.#kubernetes = parts.kubernetes;
    this.#doorways = parts.doorways;
    this.#s3 = parts.s3;
    this.name = namespace;
    this.secret = secret;
    this.webhook = webhook;
    this.history = history;
  }

  /** Makes it under the strictest of the Pod Security Standards. */
  static async create(
    parts: { kubernetes: Kubernetes; doorways: Doorways; s3: S3Server },
    namespace: string,
  ): Promise<LiveNamespace> {
    const { kubernetes, s3 } = parts;
    const labels = {
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/enforce-version': 'latest',
    };
    await kubernetes.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } });
    let live: LiveNamespace | undefined;
    const secret = newWebhookSecret();
    const webhook = await startWebhookServer(() => live?.secret ?? secret);
    const history = await AssignmentHistory.start(kubernetes.api);
    live = new LiveNamespace(parts, namespace, secret, webhook, history);
    await live.writeSecret('webhook', { key: secret });
    const { accessKeyId, secretAccessKey } = s3;
    await live.writeSecret('s3', { credentials: JSON.stringify({ accessKeyId, secretAccessKey }) });
    return live;
  }

  async writeSecret(secret: string, stringData: Readonly<Record<string, string>>): Promise<void> {
    const metadata = { name: secret, namespace: this.name };
    await this.#kubernetes.apply({ apiVersion: 'v1', kind: 'Secret', metadata, stringData });
  }

  /** Writes the StreamMonitor: its spec but for sinks, which are those of the tests. */
  async write(spec: object): Promise<void> {
    const { endpoint, bucket, region } = this.#s3;
    const credentialsFrom = { secretKeyRef: { name: 's3', key: 'credentials' } };
    const webhook = {
      url: await this.#doorways.to(this.webhook.url),
      secretFrom: { secretKeyRef: { name: 'webhook', key: 'key' } },
    };
    const s3 = {
      ...{ endpoint: await this.#doorways.to(endpoint), bucket, region, credentialsFrom },
      ...{ prefix: `${this.name}/`, forcePathStyle: true },
    };
    await this.apply({ notifications: [{ webhook }], results: { s3 }, ...spec });
  }

  /** Writes the StreamMonitor as it is. */
  async apply(spec: object): Promise<void> {
    const object = {
      apiVersion: 'streammonitor.dev/v1alpha1',
      kind: 'StreamMonitor',
      metadata: { name },
      spec,
    };
    await this.#kubernetes.kubectl(['apply', '-n', this.name, '-f', '-'], JSON.stringify(object));
  }

  async delete(): Promise<void> {
    await this.#kubernetes.kubectl(['delete', '-n', this.name, 'streammonitor', name, '--wait=false']);
  }

  status(): Promise<StreamMonitorStatus | undefined> {
    const path = `/apis/streammonitor.dev/v1alpha1/namespaces/${this.name}/streammonitors/${name}`;
    return this.#kubernetes.get<{ status?: StreamMonitorStatus }>(path).then(({ status }) => status);
  }

  /** Waits until a condition has a status. */
  async condition(type: string, status: 'True' | 'False'): Promise<void> {
    let last: unknown;
    await eventually(
      `${this.name}: ${type} is ${status}`,
      async () => {
        last = (await this.status())?.conditions?.find((condition) => condition.type === type);
        return (last as { status?: string } | undefined)?.status === status;
      },
      patience,
    ).catch((error: Error) => {
      throw new Error(`${error.message}; it is ${JSON.stringify(last)}`);
    });
  }

  pods(): Promise<MonitorPod[]> {
    const selector = 'labelSelector=app.kubernetes.io%2Fcomponent%3Dmonitor';
    return this.#kubernetes.list<MonitorPod>(`/api/v1/namespaces/${this.name}/pods?${selector}`);
  }

  /** Asks for the eviction of every pod that runs, as `kubectl drain` does. The status of each answer: 429 is a refusal. */
  async evict(): Promise<number[]> {
    const statuses: number[] = [];
    const running = (await this.pods()).filter(({ status }) => status.phase === 'Running');
    for (const { metadata } of running) {
      const { name, namespace } = { name: metadata.name, namespace: this.name };
      const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
      statuses.push((await this.#kubernetes.api.request('POST', path, eviction)).status);
    }
    return statuses;
  }

  /** The owner of each stream, by its name: the name of its shard. */
  get owners(): Map<string, string> {
    const placed = this.history
      .assignments(this.name)
      .flatMap(({ shard, streams }) => streams.map((stream) => ({ shard, stream })));
    const owned = placed.filter(({ stream }) => stream.role === 'owner' && stream.adopt === undefined);
    return new Map(owned.map(({ shard, stream }) => [stream.name, shard]));
  }

  /** What a pod answers, by way of the API server, which reaches pods on every kind of cluster. */
  async report(pod: string): Promise<ShardReport> {
    const path = `/api/v1/namespaces/${this.name}/pods/${pod}:8080/proxy/report`;
    return parseShardReport(await this.#kubernetes.get(path));
  }

  /** What the owner of a stream says of it; nothing while it does not answer. */
  async streamReport(stream: string): Promise<StreamReport | undefined> {
    for (const { metadata } of await this.pods()) {
      const report = await this.report(metadata.name).catch(() => undefined);
      const found = report?.streams.find((each) => each.name === stream && each.role === 'owner');
      if (found) return found;
    }
    return undefined;
  }

  /** Waits until each stream is watched by its owner; since when, in ms since 1970. */
  async watched(streams: readonly string[]): Promise<Map<string, number>> {
    const beginnings = await this.begun(streams);
    return new Map([...beginnings].map(([stream, { since }]) => [stream, since]));
  }

  /** Waits until each stream is watched by its owner, which has said what it did not see before. */
  async begun(streams: readonly string[]): Promise<Map<string, Beginning>> {
    const beginnings = new Map<string, Beginning>();
    for (const stream of streams) {
      const { firstFrameTime, blindSeconds } = await eventually(
        `${this.name}: ${stream} is watched`,
        async () => {
          const found = await this.streamReport(stream);
          // The blind seconds before the first frame are told with the first monitored ones.
          return found?.firstFrameTime !== undefined && found.monitoredSeconds > 0 && found;
        },
        patience,
      );
      beginnings.set(stream, { since: Date.parse(firstFrameTime!), blind: blindSeconds });
    }
    return beginnings;
  }

  /** What the receiver was told, oldest first. */
  get told(): IncidentEvent[] {
    return this.webhook.deliveries.map(({ event }) => event);
  }

  /** Waits for the event of a change after `from` earlier ones. */
  toldOf(change: 'opened' | 'closed', from = 0): Promise<IncidentEvent> {
    const type = `dev.streammonitor.incident.${change}`;
    return eventually(
      `${this.name}: told that an incident was ${change}`,
      () => this.told.slice(from).find((event) => event.type === type),
      patience,
    );
  }

  /** Waits until all streams have an owner that is as asked for, and all other shards are gone. */
  async settled(what: string, streams: number, on: (shard: string) => boolean): Promise<void> {
    const isSo = () => {
      const shards = this.history.assignments(this.name).map(({ shard }) => shard);
      return this.owners.size === streams && shards.every(on);
    };
    await this.history.when(`${this.name}: ${what}`, isSo, patience);
  }

  /** Stops watching; waits until everything is delivered and every pod gone. When the streams were let go of. */
  async suspend(spec: object): Promise<number> {
    await this.write({ ...spec, suspend: true });
    const placed = () => this.history.assignments(this.name).flatMap(({ streams }) => streams);
    await this.history.when(`${this.name}: let go`, () => placed().length === 0, patience);
    const at = Date.now();
    await eventually(`${this.name}: no pod is left`, async () => (await this.pods()).length === 0, patience);
    return at;
  }

  /** A query over the stored results, as a user would ask it; `results` is the table. */
  query(sql: string): Promise<Record<string, unknown>[]> {
    return queryResults(`${this.#s3.bucketDirectory}/${this.name}`, sql);
  }

  /** By stream, what the results hold of the time from its beginning to `until` (ms since 1970). */
  async coverage(beginnings: ReadonlyMap<string, Beginning>, until: number): Promise<Map<string, Coverage>> {
    const rows = (await this.query(
      `SELECT stream, sum(monitoredSeconds) AS monitored, sum(blindSeconds) AS blind FROM results
       WHERE type = 'summary' AND detector = 'freeze' GROUP BY stream`,
    )) as { stream: string; monitored: number; blind: number }[];
    const coverageOf = ({ stream, monitored, blind }: (typeof rows)[number]): [string, Coverage] => {
      const beginning = beginnings.get(stream)!;
      const missing = (until - beginning.since) / 1000 - monitored;
      return [stream, { missing, blind: blind - beginning.blind }];
    };
    return new Map(rows.map(coverageOf));
  }

  /** For how long no assignment named an owner of a stream that had one before and after; the longest, in seconds. */
  get longestWithoutOwner(): number {
    return Math.max(0, ...[...this.history.ownerless(this.name).values()].flat());
  }

  /** Everything in it that the operator or the control plane made for the monitors, as `kind/name`. */
  async managed(): Promise<string[]> {
    const kinds = 'configmaps,deployments,replicasets,pods,poddisruptionbudgets,networkpolicies';
    const label = 'app.kubernetes.io/managed-by=streammonitor';
    const names = await this.#kubernetes.kubectl(['get', kinds, '-n', this.name, '-l', label, '-o', 'name']);
    const pods = await this.pods();
    return [...names.split('\n').filter(Boolean), ...pods.map(({ metadata }) => `pod/${metadata.name}`)];
  }

  async stop(): Promise<void> {
    await this.history.stop();
    await this.webhook.close();
  }
}
