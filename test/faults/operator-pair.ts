import { join } from 'node:path';
import type { ControlPlane } from '../integration/cluster/control-plane.ts';
import { liveSettings } from '../integration/live-cluster.ts';
import {
  type OperatorProcess,
  operatorAccount,
  operatorLease,
  startOperator,
} from '../integration/operator-process.ts';
import { eventually } from '../integration/run-process.ts';

const names = ['streammonitor-0', 'streammonitor-1'] as const;
/** Longest that a standby waits: the lease of 30 s, and until its next look. In seconds. */
const takeover = 60;

/** Two operators, of which one leads. */
export class OperatorPair {
  readonly #plane: ControlPlane;
  readonly #processes = new Map<string, OperatorProcess>();
  /** Everything that any of them was refused by the API server. */
  readonly #refusals: unknown[] = [];

  private constructor(plane: ControlPlane) {
    this.#plane = plane;
  }

  static async start(plane: ControlPlane): Promise<OperatorPair> {
    const pair = new OperatorPair(plane);
    for (const name of names) await pair.begin(name);
    await pair.leader();
    return pair;
  }

  get all(): OperatorProcess[] {
    return [...this.#processes.values()];
  }

  get refusals(): unknown[] {
    return [...this.#refusals, ...this.all.flatMap(({ refusals }) => refusals)];
  }

  /** Starts the operator of this name, in the place of one that has ended. */
  async begin(name: string): Promise<void> {
    this.#refusals.push(...(this.#processes.get(name)?.refusals ?? []));
    const operator = await startOperator(this.#plane, {
      name,
      // Two streams a shard, so that there is more than one.
      settings: liveSettings({ streams: 2 }),
      environment: { NODE_COMPILE_CACHE: join(this.#plane.directory, 'compile-cache') },
      logLevel: 'info',
      atEnd: () => {},
    });
    this.#processes.set(name, operator);
  }

  /** Waits until one that runs leads, by the Lease. */
  leader(): Promise<OperatorProcess> {
    const { namespace } = operatorAccount;
    const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${operatorLease}`;
    return eventually(
      'an operator leads',
      async () => {
        const { body } = await this.#plane.api
          .request<{ spec?: { holderIdentity?: string; renewTime?: string } }>('GET', path)
          .catch(() => ({ body: undefined }));
        const { holderIdentity = '', renewTime = '' } = body?.spec ?? {};
        if (Date.now() - Date.parse(renewTime) > 15_000) return undefined;
        return this.all.find(({ name, isRunning }) => isRunning && holderIdentity.startsWith(name));
      },
      takeover,
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.map((operator) => operator.stop()));
  }
}
