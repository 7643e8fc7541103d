import type { PodProcess } from '../integration/cluster/pod-process.ts';
import { LiveCluster } from '../integration/live-cluster.ts';
import type { LiveNamespace } from '../integration/live-namespace.ts';
import { eventually } from '../integration/run-process.ts';
import { type S3Server, startS3Server } from '../integration/s3-server.ts';
import { type LivePicture, startLivePicture } from '../integration/senders.ts';
import { InjectedFreezes } from './injected-freezes.ts';
import { OperatorPair } from './operator-pair.ts';
import { below, type Found, processesOf } from './processes.ts';
import { Relay } from './relay.ts';
import { WatchLog } from './watch-log.ts';

const streamNames = ['one', 'two', 'three'] as const;
/** Seconds until a changed Secret is in a pod: with a kubelet a minute, too long for a test. */
const syncInterval = 5;

interface Paths {
  readonly origins: ReadonlyMap<string, Relay>;
  readonly s3: Relay;
  readonly webhook: Relay;
}

/**
 * All that runs where StreamMonitor is used: a control plane, two operators, monitors on three nodes, an S3 server, a
 * webhook receiver and live senders, with a path between each two of them that can be broken.
 */
export class FaultBed {
  readonly live: LiveCluster;
  readonly there: LiveNamespace;
  readonly operators: OperatorPair;
  readonly s3: S3Server;
  readonly paths: Paths;
  readonly freezes: InjectedFreezes;
  readonly watchLog: WatchLog;
  readonly #pictures: ReadonlyMap<string, LivePicture>;
  readonly #directory: string;

  private constructor(
    directory: string,
    parts: Pick<FaultBed, 'live' | 'there' | 'operators' | 's3' | 'paths'>,
    pictures: ReadonlyMap<string, LivePicture>,
  ) {
    this.#directory = directory;
    ({
      live: this.live,
      there: this.there,
      operators: this.operators,
      s3: this.s3,
      paths: this.paths,
    } = parts);
    this.#pictures = pictures;
    this.freezes = new InjectedFreezes(pictures);
    this.watchLog = new WatchLog(this.live, this.there.name);
  }

  /** @param directory of temporary files, this process's TMPDIR: by it everything is known that the run starts */
  static async start(directory: string): Promise<FaultBed> {
    const [live, s3] = await Promise.all([LiveCluster.start({ nodes: 3, syncInterval }), startS3Server()]);
    const [operators, there] = await Promise.all([OperatorPair.start(live.plane), live.namespace('faults')]);
    const pictures = new Map<string, LivePicture>();
    const origins = new Map<string, Relay>();
    for (const name of streamNames) {
      const picture = await startLivePicture();
      pictures.set(name, picture);
      origins.set(name, await Relay.start(Number(new URL(picture.url).port)));
    }
    const paths = {
      origins,
      s3: await Relay.start(Number(new URL(s3.endpoint).port)),
      webhook: await Relay.start(there.webhook.port),
    };
    const bed = new FaultBed(directory, { live, there, operators, s3, paths }, pictures);
    await bed.#watch();
    return bed;
  }

  get streams(): readonly string[] {
    return streamNames;
  }

  /** The pods of the monitors. */
  get pods(): PodProcess[] {
    return this.live.kubelet.processes(this.there.name);
  }

  /** Everything that runs of this run, this process left out. */
  processes(): Promise<Found[]> {
    return processesOf(this.#directory);
  }

  /** The converters of a pod. */
  async converters({ pid }: PodProcess): Promise<Found[]> {
    if (pid === undefined) return [];
    return below(pid, await this.processes()).filter(({ command }) => command === 'ffmpeg');
  }

  /** The pod that owns a stream. */
  podOf(stream: string): PodProcess {
    const shard = this.there.owners.get(stream);
    if (shard === undefined) throw new Error(`${stream} has no owner`);
    return this.there.pod(shard);
  }

  /** Whether each stream has one owner that has watched more of it since a time (ms since 1970). */
  isWatchedSince(time: number): boolean {
    return this.there.isSettled(this.streams.length) && this.unseenSince(time).length === 0;
  }

  /** Streams of which no more has been watched since a time (ms since 1970). */
  unseenSince(time: number): string[] {
    return this.streams.filter((stream) => (this.watchLog.lastSeen(stream) ?? 0) <= time);
  }

  /** Lets go of all streams, waits until everything is delivered, and deletes the StreamMonitor. */
  async letGo(): Promise<void> {
    await this.there.suspend(this.#spec());
    await this.live.plane.kubectl(['delete', 'streammonitor', 'sports', '-n', this.there.name]);
  }

  async stop(): Promise<void> {
    await this.watchLog.stop();
    await this.operators.stop();
    await Promise.all([this.there.stop(), ...[...this.#pictures.values()].map((picture) => picture.stop())]);
    await Promise.all(
      [this.paths.s3, this.paths.webhook, ...this.paths.origins.values()].map((path) => path.close()),
    );
    await this.live.stop();
    await this.s3.remove();
  }

  async #watch(): Promise<void> {
    const { accessKeyId, secretAccessKey } = this.s3;
    await this.there.writeSecret('s3', { credentials: JSON.stringify({ accessKeyId, secretAccessKey }) });
    const begun = Date.now();
    await this.there.write(this.#spec());
    await eventually('every stream is watched', () => this.isWatchedSince(begun), 120);
  }

  #spec(): object {
    const { bucket, region, endpoint } = this.s3;
    const credentialsFrom = { secretKeyRef: { name: 's3', key: 'credentials' } };
    const secretFrom = { secretKeyRef: { name: 'webhook', key: 'key' } };
    const { s3, webhook, origins } = this.paths;
    return {
      streams: this.streams.map((name) => ({
        name,
        url: origins.get(name)!.through(this.#pictures.get(name)!.url),
      })),
      notifications: [{ webhook: { url: webhook.through(this.there.webhook.url), secretFrom } }],
      results: {
        s3: {
          bucket,
          region,
          endpoint: s3.through(endpoint).replace(/\/$/, ''),
          forcePathStyle: true,
          credentialsFrom,
        },
      },
    };
  }
}
