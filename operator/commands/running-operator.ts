import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { streamMonitors } from '../controllers/cluster-caches.ts';
import { Operator } from '../controllers/operator.ts';
import { EventRecorder } from '../kube/event-recorder.ts';
import { KubeClient } from '../kube/kube-client.ts';
import type { KubeConnection } from '../kube/kube-connection.ts';
import type { KubeError } from '../kube/kube-error.ts';
import { LeaseElection } from '../kube/lease-election.ts';
import { OperatorMetrics } from '../metrics/operator-metrics.ts';
import { OperatorHealth } from '../server/operator-health.ts';
import { operatorServer } from '../server/operator-server.ts';
import type { ListenAddress } from './listen-address.ts';
import { healthPolicyOf, type OperatorConfig, podInstallationOf, poolPolicyOf } from './operator-config.ts';

export interface RunningOperatorOptions {
  readonly connection: KubeConnection;
  /** All namespaces when left out. */
  readonly namespace?: string;
  readonly config: OperatorConfig;
  /** Image of the monitor pods where the settings name none. */
  readonly image: string;
  readonly version: string;
  readonly listen: ListenAddress;
  readonly lease: { readonly namespace: string; readonly identity: string };
  readonly logger: Logger;
}

/** Why an operator ends: it was asked to, or another leads. */
export interface Ending {
  readonly signal?: string;
  readonly reason?: string;
}

const name = 'streammonitor';
const leaseName = 'streammonitor-operator';
/** Calls per second for the lease alone, which must not wait behind anything. */
const leaseRate = { qps: 5, burst: 10 };
const eventRate = { qps: 10, burst: 50 };
/** What a StreamMonitor is told of is bounded before: see `withinBudget`. */
const eventBudget = { burst: 25, perMinute: 25 };

/** An operator that follows a cluster, and acts in it while it leads. */
export class RunningOperator {
  readonly #operator: Operator;
  readonly #election: LeaseElection;
  readonly #server: FastifyInstance;
  readonly #health: OperatorHealth;
  readonly #events: EventRecorder;
  readonly #clients: readonly KubeClient[];
  readonly #connection: KubeConnection;
  readonly #end: (ending: Ending) => void;
  #isStopping = false;
  /** Resolves when it lost the lead against its will, or cannot stand for election. */
  readonly lost: Promise<Ending>;

  private constructor(
    parts: {
      readonly operator: Operator;
      readonly server: FastifyInstance;
      readonly health: OperatorHealth;
      readonly metrics: OperatorMetrics;
      readonly events: EventRecorder;
      readonly leaseClient: KubeClient;
      readonly clients: readonly KubeClient[];
    },
    { lease, connection, logger }: RunningOperatorOptions,
  ) {
    this.#operator = parts.operator;
    this.#server = parts.server;
    this.#health = parts.health;
    this.#events = parts.events;
    this.#clients = parts.clients;
    this.#connection = connection;
    const { promise, resolve } = Promise.withResolvers<Ending>();
    this.lost = promise;
    this.#end = resolve;
    this.#election = new LeaseElection(parts.leaseClient, {
      ...lease,
      name: leaseName,
      logger,
      onAcquired: () => {
        parts.metrics.leads(true);
        parts.operator.lead();
      },
      onLost: (reason) => {
        parts.metrics.leads(false);
        resolve({ reason });
      },
    });
  }

  /** Serves, fills its copies, and stands for election. */
  static async start(options: RunningOperatorOptions): Promise<RunningOperator> {
    const { connection, namespace, config, version, logger, listen } = options;
    // Without nodes in sight the budget of disruptions lets evictions go on.
    const nodes = namespace === undefined;
    let operator: Operator;
    let events: EventRecorder;
    const metrics = new OperatorMetrics({
      version,
      ...(config.region !== undefined && { region: config.region }),
      sources: {
        queues: () => operator.depths,
        watches: () => Object.fromEntries(operator.caches.reflectors),
        eventsDropped: () => Object.values(events.dropped).reduce((sum, count) => sum + count, 0),
      },
    });
    let running: RunningOperator | undefined;
    const leading = () => running?.isLeader ?? false;
    const clientWith = (rate: { readonly qps: number; readonly burst: number }, mayWrite?: () => boolean) =>
      new KubeClient(connection, {
        userAgent: `${name}/${version}`,
        fieldManager: name,
        ...rate,
        ...(mayWrite && { mayWrite }),
        onCall: (call) => metrics.apiCalled(call),
      });
    const [client, leaseClient, eventClient] = [
      clientWith(config.api, leading),
      clientWith(leaseRate),
      clientWith(eventRate, leading),
    ];
    events = new EventRecorder(eventClient, {
      controller: 'streammonitor.dev/operator',
      instance: options.lease.identity,
      budget: eventBudget,
      logger,
    });
    operator = new Operator({
      client,
      ...(namespace !== undefined && { namespace }),
      nodes,
      installation: { ...(config.region !== undefined && { region: config.region }) },
      pods: podInstallationOf(config, {
        image: options.image,
        nodesVisible: nodes,
        namespace: process.env.POD_NAMESPACE,
      }),
      policy: poolPolicyOf(config),
      health: healthPolicyOf(config),
      drainTimeout: config.shards.drainTimeout,
      events,
      observer: metrics,
      logger,
    });
    const health = new OperatorHealth(() => Object.fromEntries(operator.caches.reflectors));
    const server = await operatorServer({
      metrics: metrics.registry,
      unhealthy: () => health.unhealthy(),
      notReady: () => health.notReady(),
      shards: () => operator.shards,
      ...(config.region !== undefined && { region: config.region }),
      logger,
    });
    await server.listen(listen);
    logger.info({ server: connection.server, namespace: namespace ?? 'all' }, 'follows the cluster');
    const clients = [client, leaseClient, eventClient];
    const parts = { operator, server, health, metrics, events, leaseClient, clients };
    running = new RunningOperator(parts, options);
    running.#follow(logger);
    // Not waited for: a server that does not answer must not keep a signal from being heard.
    void sayWhatIsMissing(client, namespace, logger);
    return running;
  }

  /** By the clock: what is under way when it ends is not sent any more. */
  get isLeader(): boolean {
    return this.#election.isLeader;
  }

  /** Ends in order: what is under way is finished, then another may lead. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#operator.stop();
    await this.#events.stop();
    await this.#election.stop({ release: true });
    this.#health.stop();
    await this.#server.close();
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.#connection.close();
  }

  #follow(logger: Logger): void {
    this.#operator
      .follow()
      .then(() => this.#election.run())
      .catch((error: Error) => {
        if (this.#isStopping) return logger.debug({ reason: error.message }, 'stopped before it led');
        logger.error({ err: error }, 'cannot stand for election');
        this.#end({ reason: error.message });
      });
  }
}

/** What nothing can be done without, in words that tell the fix; the copies are tried again until it is there. */
async function sayWhatIsMissing(
  client: KubeClient,
  namespace: string | undefined,
  logger: Logger,
): Promise<void> {
  try {
    await client.list(streamMonitors, { limit: 1, ...(namespace !== undefined && { namespace }) });
  } catch (error) {
    const fix = fixes.get((error as KubeError).code);
    if (fix !== undefined) logger.error({ fix }, 'StreamMonitors cannot be read');
  }
}

const fixes: ReadonlyMap<string, string> = new Map([
  [
    'NotFound',
    'the CRD is not installed: kubectl apply --server-side -f crds/streammonitor.dev_streammonitors.yaml',
  ],
  [
    'Forbidden',
    'the account may not list them: give it the rights of the chart, or name one namespace with --namespace',
  ],
]);
