import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Assignment, parseAssignment, type StreamAssignment } from '../../../crds/assignment.ts';
import { pageRoutes } from '../../../crds/page-api.ts';
import type { ShardReport } from '../../../crds/shard-report.ts';
import type { ControlPlane } from './control-plane.ts';
import { type ClusterObject, ObjectWatch } from './object-watch.ts';
import { assignmentConfigMapOf, type Pod, portOf } from './pod.ts';
import {
  type SimulatedBoot,
  type StreamBehaviour,
  simulatedReport,
  simulatedTiles,
  streamKey,
} from './simulated-report.ts';

/** How a simulated shard answers instead of as a healthy one. */
export interface ShardBehaviour {
  /** `none`: accepts and never answers; `error`: HTTP 500; `garbage`: text that is no report. */
  readonly answer?: 'report' | 'none' | 'error' | 'garbage';
  /** Milliseconds before the answer. */
  readonly delay?: number;
  /** Changes the report: a wrong name, a generation from the future, … */
  readonly alter?: (report: ShardReport) => unknown;
  /** `true`: stays at the assignment that it follows now, whatever comes. */
  readonly frozen?: boolean;
}

/** Told of each assignment that a pod begins to follow; of none when the pod has ended. */
export type FollowListener = (pod: Pod, assignment: Assignment | undefined) => void;

interface ConfigMap extends ClusterObject {
  readonly data?: Readonly<Record<string, string>>;
}

interface SimulatedPod {
  readonly pod: Pod;
  /** With its node: it takes connections and says nothing, as an address that nobody has any more. */
  isSilent: boolean;
  server: Server;
  podIP: string | undefined;
  /** `namespace/name` of its assignment. */
  readonly configMapKey: string;
  readonly boot: SimulatedBoot & { readonly since: Map<string, number> };
  assignment: Assignment | undefined;
}

/** Answers for every fake pod that mounts an assignment, on the pod's own address. Starts watching at once. */
export async function startSimulatedShards(
  cluster: ControlPlane,
  onFollow?: FollowListener,
): Promise<SimulatedShards> {
  const shards = new SimulatedShards(cluster, onFollow);
  await shards.start();
  return shards;
}

/**
 * Monitors without streams: each fake pod's `/report` says that all it is assigned to is well, unless told
 * otherwise. One that takes no process, so hundreds fit on a machine.
 */
export class SimulatedShards {
  readonly #pods: ObjectWatch<Pod>;
  readonly #configMaps: ObjectWatch<ConfigMap>;
  /** By uid. */
  readonly #simulated = new Map<string, SimulatedPod>();
  readonly #shardBehaviour = new Map<string, ShardBehaviour>();
  readonly #namespaceBehaviour = new Map<string, ShardBehaviour>();
  readonly #streamBehaviour = new Map<string, StreamBehaviour>();
  readonly #lostNodes = new Set<string>();
  readonly #onFollow: FollowListener | undefined;
  #reports = 0;

  /** Use `startSimulatedShards`. */
  constructor({ api }: ControlPlane, onFollow?: FollowListener) {
    this.#onFollow = onFollow;
    this.#configMaps = new ObjectWatch<ConfigMap>(api, '/api/v1/configmaps', '', (configMap, gone) => {
      if (!gone) this.#distribute(configMap);
    });
    this.#pods = new ObjectWatch<Pod>(api, '/api/v1/pods', '', (pod, gone) => this.#follow(pod, gone));
  }

  /** How often a report was asked for. */
  get reports(): number {
    return this.#reports;
  }

  /** Names of the shards that have a running pod and an assignment. */
  get running(): string[] {
    return this.assignments.map(({ shard }) => shard);
  }

  /** The assignments that the running pods follow. */
  get assignments(): Assignment[] {
    return [...this.#simulated.values()].flatMap(({ assignment, isSilent }) =>
      assignment && !isSilent ? [assignment] : [],
    );
  }

  /** Without behaviour: healthy again. */
  setShard(shard: string, behaviour: ShardBehaviour = {}): void {
    this.#shardBehaviour.set(shard, behaviour);
  }

  /** How all shards of a namespace answer, from their first answer on, but those that were told otherwise. */
  setNamespace(namespace: string, behaviour: ShardBehaviour = {}): void {
    this.#namespaceBehaviour.set(namespace, behaviour);
  }

  /**
   * Without behaviour: healthy again.
   * @param monitor `namespace/name` of its StreamMonitor
   */
  setStream(monitor: string, name: string, behaviour: StreamBehaviour = {}): void {
    this.#streamBehaviour.set(`${monitor}/${name}`, behaviour);
  }

  /** The pods of a lost node answer no more, until it is back. */
  setNode(node: string, state: 'lost' | 'present'): void {
    if (state === 'lost') this.#lostNodes.add(node);
    else this.#lostNodes.delete(node);
    for (const pod of this.#pods.objects) this.#follow(pod, false);
  }

  async start(): Promise<void> {
    await this.#configMaps.start();
    await this.#pods.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#pods.stop(), this.#configMaps.stop()]);
    await Promise.all([...this.#simulated.keys()].map((uid) => this.#end(uid)));
  }

  #follow(pod: Pod, gone: boolean): void {
    const { uid, namespace } = pod.metadata;
    const { phase, podIP } = pod.status ?? {};
    const name = assignmentConfigMapOf(pod);
    if (gone || phase !== 'Running') void this.#end(uid);
    else if (this.#lostNodes.has(pod.spec.nodeName ?? '')) this.#fallSilent(uid);
    else if (name !== undefined && podIP !== undefined) {
      if (this.#simulated.get(uid)?.isSilent) void this.#end(uid);
      // A kubelet that is back ends what was deleted meanwhile, and starts nothing that is.
      if (!this.#simulated.has(uid) && pod.metadata.deletionTimestamp !== undefined) return;
      const simulated = this.#simulated.get(uid) ?? this.#begin(pod, `${namespace}/${name}`);
      this.#simulated.set(uid, simulated);
      // A pod that kwok saw as Pending twice gets an address twice: the later one counts.
      if (simulated.podIP !== podIP) this.#listen(simulated, portOf(pod.spec.containers[0]), podIP);
    }
  }

  #listen(simulated: SimulatedPod, port: number, podIP: string): void {
    simulated.server.close();
    simulated.server.closeAllConnections();
    simulated.server = createServer((request, response) => void this.#answer(simulated, request, response));
    listenOnceFree(simulated.server, port, podIP);
    simulated.podIP = podIP;
  }

  #begin(pod: Pod, configMapKey: string): SimulatedPod {
    const simulated: SimulatedPod = {
      pod,
      isSilent: false,
      server: createServer(),
      podIP: undefined,
      configMapKey,
      boot: { bootId: randomUUID(), startedAt: Date.now(), since: new Map() },
      assignment: undefined,
    };
    const [namespace, name] = configMapKey.split('/') as [string, string];
    const configMap = this.#configMaps.get(namespace, name);
    if (configMap) this.#assign(simulated, configMap);
    return simulated;
  }

  #fallSilent(uid: string): void {
    const simulated = this.#simulated.get(uid);
    if (!simulated || simulated.isSilent) return;
    simulated.isSilent = true;
    this.#onFollow?.(simulated.pod, undefined);
  }

  async #end(uid: string): Promise<void> {
    const simulated = this.#simulated.get(uid);
    if (!simulated) return;
    const { pod, server } = simulated;
    this.#simulated.delete(uid);
    this.#onFollow?.(pod, undefined);
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }

  #distribute(configMap: ConfigMap): void {
    const key = `${configMap.metadata.namespace}/${configMap.metadata.name}`;
    for (const simulated of this.#simulated.values()) {
      if (simulated.configMapKey === key && !simulated.isSilent) this.#assign(simulated, configMap);
    }
  }

  #assign(simulated: SimulatedPod, { data }: ConfigMap): void {
    const assignment = readable(data?.['assignment.json']);
    if (!assignment) return;
    if (this.#shardBehaviour.get(assignment.shard)?.frozen) return;
    // As a monitor refuses it.
    if (simulated.assignment && simulated.assignment.generation > assignment.generation) return;
    simulated.assignment = assignment;
    const { since } = simulated.boot;
    const assigned = new Set(assignment.streams.map(streamKey));
    for (const key of since.keys()) if (!assigned.has(key)) since.delete(key);
    for (const key of assigned) if (!since.has(key)) since.set(key, Date.now());
    this.#onFollow?.(simulated.pod, assignment);
  }

  async #answer(
    { assignment, boot, configMapKey, isSilent }: SimulatedPod,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (isSilent) return;
    if (assignment && request.url?.startsWith(pageRoutes.tiles)) {
      const now = Date.now();
      const { streams } = simulatedReport(assignment, boot, (stream) => this.#behaviourOf(stream), now);
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify(simulatedTiles(streams, now)));
      return;
    }
    if (request.url !== '/report' || assignment === undefined) {
      response.writeHead(request.url === '/report' ? 503 : 404).end();
      return;
    }
    this.#reports++;
    const { answer = 'report', delay = 0, alter } = this.#behaviourOfShard(assignment.shard, configMapKey);
    if (delay > 0) await sleep(delay);
    if (answer === 'none' || response.destroyed) return;
    if (answer === 'error') response.writeHead(500);
    if (answer !== 'report') {
      response.end('<html>no report</html>');
      return;
    }
    const report = simulatedReport(assignment, boot, (stream) => this.#behaviourOf(stream), Date.now());
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(alter ? alter(report) : report));
  }

  #behaviourOfShard(shard: string, configMapKey: string): ShardBehaviour {
    const [namespace = ''] = configMapKey.split('/');
    return this.#shardBehaviour.get(shard) ?? this.#namespaceBehaviour.get(namespace) ?? {};
  }

  #behaviourOf({ monitor, name }: StreamAssignment): StreamBehaviour {
    return this.#streamBehaviour.get(`${monitor}/${name}`) ?? {};
  }
}

/** kwok gives the address of a pod that is gone to another, which may be heard of before that end. */
function listenOnceFree(server: Server, port: number, address: string): void {
  let retry: NodeJS.Timeout | undefined;
  server.once('close', () => clearTimeout(retry));
  server.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    retry = setTimeout(() => server.listen(port, address), 50);
  });
  server.listen(port, address);
}

/** A monitor goes on with what it has where it cannot read what comes. */
function readable(text = ''): Assignment | undefined {
  try {
    return parseAssignment(JSON.parse(text));
  } catch {
    return undefined;
  }
}
