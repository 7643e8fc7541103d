import { AuditLog } from '../integration/cluster/audit-log.ts';
import { ObjectWatch } from '../integration/cluster/object-watch.ts';
import type { Pod } from '../integration/cluster/pod.ts';
import { FakeCluster } from '../integration/fake-cluster.ts';
import type { MonitorObject } from '../integration/managed-state.ts';
import { type OperatorProcess, operatorAccount } from '../integration/operator-process.ts';
import { eventually } from '../integration/run-process.ts';
import { type FleetMonitor, fleetObjects } from './fleet.ts';
import { MeasuredOperators } from './measured-operators.ts';
import { StreamOwnership } from './stream-ownership.ts';

const namespace = 'scale';
const monitorsPath = `/apis/streammonitor.dev/v1alpha1/namespaces/${namespace}/streammonitors`;
const paths: Readonly<Record<string, string>> = {
  ConfigMap: `/api/v1/namespaces/${namespace}/configmaps`,
  StreamMonitor: monitorsPath,
};

export interface ScaleBedOptions {
  readonly nodes: number;
  /** Of the installation. */
  readonly settings: object;
  readonly seed: number;
}

/** A real control plane with fake nodes and simulated shards, the operator, and what is known of every stream. */
export class ScaleBed {
  readonly namespace = namespace;
  readonly seed: number;
  readonly cluster: FakeCluster;
  readonly operators: MeasuredOperators;
  readonly ownership: StreamOwnership;
  readonly writes: AuditLog;
  /** The one that leads, or is to. */
  operator!: OperatorProcess;
  /** One that waits to lead. */
  standby: OperatorProcess | undefined;
  image = 'registry.example/streammonitor:1.0.0';
  readonly #fleet = new Map<string, FleetMonitor>();
  readonly #monitors: ObjectWatch<MonitorObject>;
  readonly #pods: ReadonlyMap<string, Pod>;

  private constructor(
    cluster: FakeCluster,
    ownership: StreamOwnership,
    pods: ReadonlyMap<string, Pod>,
    { settings, seed }: ScaleBedOptions,
  ) {
    this.cluster = cluster;
    this.ownership = ownership;
    this.seed = seed;
    this.#pods = pods;
    this.writes = new AuditLog(cluster.plane.directory);
    this.operators = new MeasuredOperators(cluster.plane, settings);
    this.#monitors = new ObjectWatch<MonitorObject>(cluster.plane.api, monitorsPath, '', () => {});
  }

  static async start(options: ScaleBedOptions): Promise<ScaleBed> {
    const ownership = new StreamOwnership();
    const pods = new Map<string, Pod>();
    const cluster = await FakeCluster.start(options.nodes, {
      audited: operatorAccount,
      onFollow: (pod, assignment) => {
        const { uid } = pod.metadata;
        if (assignment) pods.set(uid, pod);
        else pods.delete(uid);
        ownership.follow(uid, assignment);
      },
    });
    const bed = new ScaleBed(cluster, ownership, pods, options);
    await cluster.plane.kubectl(['create', 'namespace', namespace]);
    await bed.#monitors.start();
    await bed.beginOperator('streammonitor-0');
    await bed.operator.leads();
    return bed;
  }

  /** Starts an operator, which `operator` is from now. */
  async beginOperator(name: string): Promise<void> {
    this.operator = await this.operators.start(name, this.image);
  }

  async beginStandby(name: string): Promise<void> {
    this.standby = await this.operators.start(name, this.image);
  }

  /** Pods that follow an assignment. */
  get pods(): Pod[] {
    return [...this.#pods.values()];
  }

  get fleet(): FleetMonitor[] {
    return [...this.#fleet.values()];
  }

  /** Streams that are asked for. */
  get streams(): number {
    return this.fleet.reduce((sum, { streams }) => sum + streams, 0);
  }

  /** Writes a StreamMonitor, or another version of it. */
  async ask(monitor: FleetMonitor): Promise<void> {
    this.#fleet.set(monitor.name, monitor);
    for (const object of fleetObjects(monitor, namespace) as { kind: string; metadata: { name: string } }[]) {
      const path = `${paths[object.kind]}/${object.metadata.name}?fieldManager=test&force=true`;
      await this.cluster.plane.api.json('PATCH', path, object, 'application/apply-patch+yaml');
    }
  }

  /** Whether every stream has an owner that runs, and every StreamMonitor is Ready and says so of what is asked now. */
  get isWell(): boolean {
    return this.ownership.owned === this.streams && this.#ready === this.#fleet.size;
  }

  /** Streams that any status names among the worst. */
  get worstStreams(): number {
    return this.#monitors.objects.reduce((sum, { status }) => sum + (status?.worstStreams?.length ?? 0), 0);
  }

  /** Waits until all is well, and whatever else is asked. @throws Error saying how it is after so many seconds */
  async well(seconds: number, also: () => boolean | Promise<boolean> = () => true): Promise<void> {
    await eventually('all is well', async () => this.isWell && (await also()), seconds).catch(
      (cause: unknown) => {
        const how = `${this.ownership.owned} of ${this.streams} streams are owned, ${this.#ready} of ${this.#fleet.size} StreamMonitors Ready`;
        throw new Error(`not well after ${seconds} s: ${how}; ${this.operators.errors.slice(-3).join()}`, {
          cause,
        });
      },
    );
  }

  /** Whether the operator has planned for all streams and has heard of all pods. */
  async isResynced(): Promise<boolean> {
    const metrics = await this.operator.metrics().catch(() => undefined);
    return (
      metrics?.sum('operator_streams', { state: 'placed' }) === this.streams &&
      metrics.sum('operator_shards', { health: 'Ready' }) === this.#pods.size &&
      (metrics.sum('operator_report_polls_total', { result: 'answered' }) ?? 0) >= this.#pods.size
    );
  }

  async stop(): Promise<void> {
    await this.operators.stopAll();
    await this.#monitors.stop();
    await this.cluster.stop();
  }

  get #ready(): number {
    return this.#monitors.objects.filter(
      ({ metadata, status }) =>
        status?.observedGeneration === metadata.generation &&
        status?.conditions?.some(({ type, status: holds }) => type === 'Ready' && holds === 'True'),
    ).length;
  }
}
