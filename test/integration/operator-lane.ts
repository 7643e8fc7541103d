import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { operatorAccess } from '../../operator/resources/rbac.ts';
import type { ApiCall } from './cluster/api-call.ts';
import type { ControlPlane } from './cluster/control-plane.ts';
import type { CutPoint } from './cluster/fault-proxy.ts';
import { type FaultProxy, startFaultProxy } from './cluster/fault-proxy.ts';
import { ObjectWatch } from './cluster/object-watch.ts';
import { type OwnershipLedger, startOwnershipLedger } from './cluster/ownership-ledger.ts';
import { type MonitorObject, statusOf } from './managed-state.ts';
import { type OperatorProcess, operatorLease, quickSettings, startOperator } from './operator-process.ts';

const streamMonitor = { apiVersion: 'streammonitor.dev/v1alpha1', kind: 'StreamMonitor' };

/** Shards that hold four streams, so that a handful of streams needs several. */
const smallShards = { ...quickSettings, shards: { ...quickSettings.shards, streams: 4 } };

export interface LaneOptions {
  /** Content of the operator's `--config` file. */
  readonly settings?: object;
  /** Who stops what was started. */
  readonly atEnd: (stop: () => Promise<void>) => void;
}

/** A write that brings the cluster to what is asked for. */
export function isWriteOfPlan({ isWrite, resource }: ApiCall): boolean {
  return isWrite && resource !== 'leases' && resource !== 'events';
}

/** Makes a namespace with the account of an operator that serves it alone, and a proxy for its calls. */
export async function startLane(
  cluster: ControlPlane,
  namespace: string,
  { settings = smallShards, atEnd }: LaneOptions,
): Promise<OperatorLane> {
  const account = { namespace, name: 'streammonitor' };
  const access = operatorAccess({ ...account, lease: operatorLease, watched: [namespace] });
  const objects = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, ...access];
  await cluster.apply(objects.map((object) => JSON.stringify(object)).join('\n---\n'));
  const proxy = await startFaultProxy(cluster);
  const ledger = await startOwnershipLedger(cluster.api, namespace);
  const path = `/apis/${streamMonitor.apiVersion}/namespaces/${namespace}/streammonitors`;
  const monitors = new ObjectWatch<MonitorObject>(cluster.api, path, '', () => {});
  await monitors.start();
  const lane = new OperatorLane({ cluster, namespace, proxy, ledger, monitors, settings });
  atEnd(() => lane.stop());
  return lane;
}

/**
 * One namespace with operators of its own, which reach the API server through a proxy of their own: several such lanes
 * share a control plane and disturb each other in nothing.
 */
export class OperatorLane {
  readonly cluster: ControlPlane;
  readonly namespace: string;
  readonly proxy: FaultProxy;
  readonly ledger: OwnershipLedger;
  /** All operators that were started, the latest last. */
  readonly operators: OperatorProcess[] = [];
  readonly #monitors: ObjectWatch<MonitorObject>;
  readonly #settings: object;

  /** Use `startLane`. */
  constructor(parts: {
    readonly cluster: ControlPlane;
    readonly namespace: string;
    readonly proxy: FaultProxy;
    readonly ledger: OwnershipLedger;
    readonly monitors: ObjectWatch<MonitorObject>;
    readonly settings: object;
  }) {
    this.cluster = parts.cluster;
    this.namespace = parts.namespace;
    this.proxy = parts.proxy;
    this.ledger = parts.ledger;
    this.#monitors = parts.monitors;
    this.#settings = parts.settings;
  }

  /** The one that was started last. */
  get operator(): OperatorProcess {
    return this.operators.at(-1)!;
  }

  /**
   * Starts an operator. It need not lead yet.
   * @param name of its pod: one that is started again under its name leads at once
   */
  async start(name = 'operator-0', proxy = this.proxy): Promise<OperatorProcess> {
    const { cluster, namespace } = this;
    const cache = join(cluster.directory, 'compile-cache');
    await mkdir(cache, { recursive: true });
    const operator = await startOperator(cluster, {
      kubeconfig: await proxy.kubeconfigFor({ namespace, name: 'streammonitor' }),
      settings: this.#settings,
      namespace,
      name,
      // It is started many times, and half of the time that takes is compiling.
      environment: { POD_NAMESPACE: namespace, NODE_COMPILE_CACHE: cache, NODE_OPTIONS: '--trace-warnings' },
      atEnd: () => {},
    });
    this.operators.push(operator);
    return operator;
  }

  /** Starts an operator and waits until it acts. */
  async lead(): Promise<OperatorProcess> {
    const operator = await this.start();
    await operator.leads();
    return operator;
  }

  /** Ends the operator as a crash would, at its k-th write from now; its lease and its Events are not counted. */
  killAtWrite(k: number, point: CutPoint): void {
    const { operator, proxy } = this;
    proxy.cutAtWrite(k, point, () => operator.stop('SIGKILL'), isWriteOfPlan);
  }

  /** After a kill: the way to the server is open again, and the operator is started anew. */
  async restart(): Promise<OperatorProcess> {
    await this.operator.stop('SIGKILL');
    this.proxy.mend();
    return this.start();
  }

  /** Writes of the operators so far, but for the lease and Events. */
  get writes(): readonly ApiCall[] {
    return this.proxy.calls.filter(isWriteOfPlan);
  }

  /** By name, what each StreamMonitor's status says now. */
  get statuses(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
      this.#monitors.objects.map((monitor) => [monitor.metadata.name, statusOf(monitor)]),
    );
  }

  /** Whether each status speaks of what is asked for now. */
  get isStatusCurrent(): boolean {
    return this.#monitors.objects.every(
      ({ metadata, status }) => status?.observedGeneration === metadata.generation,
    );
  }

  async create(name: string, spec: object): Promise<void> {
    const object = { ...streamMonitor, metadata: { name }, spec };
    await this.cluster.api.json('POST', this.#path(), object);
  }

  /** @param spec a merge patch */
  async change(name: string, spec: object): Promise<void> {
    await this.cluster.api.json('PATCH', this.#path(name), { spec });
  }

  async delete(name: string): Promise<void> {
    await this.cluster.api.json('DELETE', this.#path(name));
  }

  #path(name = ''): string {
    return `/apis/${streamMonitor.apiVersion}/namespaces/${this.namespace}/streammonitors/${name}`;
  }

  async stop(): Promise<void> {
    for (const operator of this.operators) {
      operator.kill('SIGCONT');
      await operator.stop('SIGKILL');
    }
    await Promise.all([this.ledger.stop(), this.#monitors.stop()]);
    await this.proxy.stop();
  }
}
