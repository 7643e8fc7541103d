import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { shardApiVersion } from '../../crds/assignment.ts';
import { detectorCatalogue } from '../../crds/detector-catalogue.ts';
import type { Incident } from '../../crds/incident.ts';
import { loadPageAssets } from '../../crds/page-assets.ts';
import { EvidenceStore } from '../../monitor/evidence/evidence-store.ts';
import { IncidentArchive } from '../../monitor/evidence/incident-archive.ts';
import { ShardMetrics } from '../../monitor/metrics/shard-metrics.ts';
import { incidentDetail } from '../../monitor/server/incident-detail.ts';
import { createServer } from '../../monitor/server/server.ts';
import { Thumbnails } from '../../monitor/server/thumbnails.ts';
import { WallState } from '../../monitor/server/wall-state.ts';
import type { Picture, WatchEvent } from '../../monitor/watch/watch-event.ts';

const detectors = Object.values(detectorCatalogue);
const logger = pino({ level: 'silent' });

/** The HTTP side of a shard with its real parts, fed with events as stream watchers would send them. */
export class PageShard {
  readonly #directory = mkdtempSync(join(tmpdir(), 'streammonitor-page-'));
  #evidence = new EvidenceStore({ directory: join(this.#directory, 'evidence'), logger });
  #archive = new IncidentArchive({ directory: join(this.#directory, 'incidents'), logger });
  readonly #wall = new WallState();
  readonly #thumbnails = new Thumbnails();
  readonly #metrics = new ShardMetrics({ detectors, version: '1.2.3', region: 'north' });
  #server: FastifyInstance | undefined;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  /** Starts to answer; at the same port as before when it did already. */
  async start(): Promise<void> {
    this.#server = await createServer({
      metrics: this.#metrics.registry,
      report: () => ({
        apiVersion: shardApiVersion,
        kind: 'ShardReport',
        shard: 'shard-0',
        bootId: 'b',
        generation: 1,
        time: new Date().toISOString(),
        startedAt: new Date().toISOString(),
        cpuSeconds: 0,
        memoryBytes: 0,
        spoolBytes: 0,
        dropped: { notifications: 0, results: 0 },
        streams: [],
      }),
      wall: () => this.#wall.wall(Date.now(), 'north'),
      tiles: (since) => this.#wall.tiles(Date.now(), since, 'north'),
      stream: (identity) => this.#wall.stream(identity, Date.now()),
      incident: (id) => incidentDetail(this.#archive, id, 'north'),
      thumbnail: (identity) => this.#thumbnails.get(identity),
      evidence: (name) => this.#evidence.read(name),
      notReady: () => undefined,
      assets: loadPageAssets(),
      logger,
    });
    await this.#server.listen({ host: '127.0.0.1', port: this.#port });
    const address = this.#server.server.address();
    if (typeof address === 'object' && address) this.#port = address.port;
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }

  /** As when the process is started anew: what is on disk is all that is left. */
  async restart(): Promise<void> {
    await this.stop();
    await this.#archive.close();
    this.#archive = new IncidentArchive({ directory: join(this.#directory, 'incidents'), logger });
    this.#evidence = new EvidenceStore({ directory: join(this.#directory, 'evidence'), logger });
    await this.start();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#archive.close();
    rmSync(this.#directory, { recursive: true });
  }

  /** Adds a stream that is up and has a picture. */
  add(stream: string): void {
    const identity = identityOf(stream);
    this.#wall.addStream(identity, detectors, Date.now());
    this.#metrics.addStream(identity, detectors);
    this.say(stream, { type: 'state', state: upState() });
    this.say(stream, { type: 'media', video: '640×360, 25 fps, h264', audio: 'stereo, 48 kHz, aac' });
    this.say(stream, { type: 'preview', picture: picture(120) });
  }

  /** The next picture. */
  refresh(stream: string): void {
    this.say(stream, { type: 'preview', picture: picture(Math.floor(Math.random() * 200)) });
  }

  get streams(): readonly string[] {
    return this.#wall.wall(Date.now()).streams.map(({ name }) => name);
  }

  remove(stream: string): void {
    this.#wall.removeStream(identityOf(stream));
    this.#metrics.removeStream(identityOf(stream));
    this.#thumbnails.removeStream(identityOf(stream));
  }

  /** `time`: when it is said, in ms since 1970. */
  say(stream: string, event: WatchEvent, time = Date.now()): void {
    const identity = identityOf(stream);
    if (event.type === 'incident') this.#archive.keep(event.incident);
    this.#wall.consume(identity, event, time);
    this.#thumbnails.consume(identity, event);
    this.#metrics.consume(identity, event);
  }

  /** Opens a critical freeze that began so many seconds ago, with its picture. */
  async freeze(stream: string, id: string, secondsAgo = 2): Promise<Incident> {
    const now = Date.now();
    const incident: Incident = {
      id,
      revision: 1,
      state: 'open',
      ...identityOf(stream),
      detector: 'freeze',
      kind: Object.keys(detectorCatalogue.freeze!.kinds)[0]!,
      severity: 'critical',
      start: 10,
      startTime: new Date(now - secondsAgo * 1000).toISOString(),
      openedAt: new Date(now).toISOString(),
      score: 0.97,
      confidence: 0.9,
      area: 1,
      evidence: `${id}-1.jpg`,
    };
    const scores = [[8, 0.1] as const, [10, 0.97] as const];
    await this.#evidence.add(incident, { lastGood: picture(200), worst: picture(90), scores });
    this.say(stream, { type: 'incident', change: 'opened', incident });
    return incident;
  }
}

function identityOf(stream: string) {
  return { namespace: 'live', monitor: 'sports', stream };
}

function upState() {
  const since = new Date(Date.now() - 90_000).toISOString();
  return { phase: 'Up', reason: 'Receiving', message: 'frames or sound arrive', since } as const;
}

/** A gradient, so that a decoder that fails cannot pass unseen. */
function picture(level: number): Picture {
  const [width, height] = [160, 90];
  const data = Uint8Array.from({ length: width * height * 3 }, (_, index) => (level + index / 500) % 256);
  return { width, height, channels: 3, data };
}
