import { join } from 'node:path';
import { AssignmentHistory } from './cluster/assignment-history.ts';
import { type ControlPlane, startControlPlane } from './cluster/control-plane.ts';
import { type PodProcesses, type PodProcessesOptions, startPodProcesses } from './cluster/pod-processes.ts';
import { LiveNamespace } from './live-namespace.ts';
import {
  type OperatorProcess,
  type OperatorProcessOptions,
  operatorManifests,
  quickSettings,
  startOperator,
} from './operator-process.ts';

/** Settings of the installation of these tests: quick, with streams and receivers on the loopback network. */
export function liveSettings(shards: object = {}): object {
  return {
    shards: { ...quickSettings.shards, memory: '64Mi', drainTimeout: '50s', ...shards },
    monitor: { allowedRanges: ['127.0.0.0/8'], logLevel: 'warn' },
  };
}

/** A cluster whose pods are real monitors, with the real operator, and a history of who owned what. */
export class LiveCluster {
  readonly plane: ControlPlane;
  readonly kubelet: PodProcesses;
  readonly history: AssignmentHistory;
  /** The last that was started. */
  operator!: OperatorProcess;
  readonly #operators: OperatorProcess[] = [];

  private constructor(plane: ControlPlane, kubelet: PodProcesses, history: AssignmentHistory) {
    this.plane = plane;
    this.kubelet = kubelet;
    this.history = history;
  }

  static async start(options: PodProcessesOptions = {}): Promise<LiveCluster> {
    const plane = await startControlPlane({ manifests: operatorManifests() });
    const kubelet = await startPodProcesses(plane, { nodes: 2, ...options });
    return new LiveCluster(plane, kubelet, await AssignmentHistory.start(plane.api));
  }

  /** Starts the operator, in the place of the last one where there was one, and waits until it leads. */
  async startOperator(options: OperatorProcessOptions = {}): Promise<OperatorProcess> {
    await this.operator?.stop();
    this.operator = await startOperator(this.plane, {
      settings: liveSettings(),
      // As after a restart of the container: it leads again at once.
      name: 'streammonitor-0',
      // Half of the time that a start takes is compiling.
      environment: { NODE_COMPILE_CACHE: join(this.plane.directory, 'compile-cache') },
      atEnd: () => {},
      ...options,
    });
    this.#operators.push(this.operator);
    await this.operator.leads();
    return this.operator;
  }

  /** Everything that any operator was refused by the API server. */
  get refusals(): unknown[] {
    return this.#operators.flatMap(({ refusals }) => refusals);
  }

  namespace(name: string): Promise<LiveNamespace> {
    return LiveNamespace.create(this, name);
  }

  async stop(): Promise<void> {
    await this.operator?.stop();
    await this.history.stop();
    await this.kubelet.stop();
    await this.plane.stop();
  }
}
