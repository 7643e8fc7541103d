import pLimit from 'p-limit';
import { appliedChanges, type PageTile, pageRoutes, type TileChanges } from '../../crds/page-api.ts';
import { parseTileChanges } from '../../crds/tile-changes.ts';
import { TileLog } from '../../crds/tile-log.ts';
import type { Placement } from '../planner/shard-state.ts';
import type { ShardClient } from '../shards/shard-client.ts';
import { mergedTiles, type ShardTiles } from './merged-tiles.ts';

/** A shard whose streams are on the wall. */
export interface WallShard {
  /** Unique among all. */
  readonly key: string;
  /** Its own; of no other does it tell here. All, for shards of `run`. */
  readonly namespace?: string;
  /** Absent while it has no address. */
  readonly client?: ShardClient;
  readonly placements: readonly Pick<Placement, 'monitor' | 'name'>[];
}

export interface ShardWallOptions {
  readonly shards: () => readonly WallShard[];
  readonly region?: string;
}

interface Heard {
  tiles: ReadonlyMap<string, PageTile>;
  cursor?: string;
  asking: boolean;
  /** When it last answered, or was first asked, in ms since 1970. */
  at: number;
}

/** ms between two questions to a shard. */
const interval = 1_000;
/** ms for an answer, and of silence until a shard's tiles are marked. */
const patience = 4_000;
const silence = 6_000;
/** Questions under way at once: slow shards must not use up all of them within a round. */
const concurrency = 64;
/** Nobody has looked for so long, in ms: no shard is asked. */
const unwatched = 15_000;
/** The first onlooker waits for so long at most, in ms. */
const firstWait = 1_000;

/**
 * The wall of many shards. While somebody looks, each shard is asked every second for what changed; whoever looks
 * is told what is known at that moment, so that a slow or dead shard holds nobody up. What a shard says is checked,
 * and counts for its own namespace alone.
 */
export class ShardWall {
  readonly #options: ShardWallOptions;
  readonly #heard = new Map<string, Heard>();
  readonly #limit = pLimit(concurrency);
  readonly #log = new TileLog();
  #region: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lookedAt = 0;
  #mergedAt = 0;
  #isStopped = false;

  constructor(options: ShardWallOptions) {
    this.#options = options;
    this.#region = options.region;
  }

  /** What changed since the answer with this cursor. */
  async tiles(since: string | undefined): Promise<TileChanges> {
    this.#lookedAt = Date.now();
    if (!this.#timer && !this.#isStopped) {
      this.#timer = setInterval(() => this.#round(), interval).unref();
      const first = Promise.all(this.#round());
      await Promise.race([first, new Promise((settle) => setTimeout(settle, firstWait).unref())]);
      this.#mergedAt = 0;
    }
    this.#merge();
    const region = this.#region;
    return {
      time: new Date().toISOString(),
      ...(region !== undefined && { region }),
      ...this.#log.since(since),
    };
  }

  stop(): void {
    this.#isStopped = true;
    this.#rest();
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#limit.clearQueue();
    this.#heard.clear();
  }

  /** Asks every shard that owes no answer. */
  #round(): Promise<void>[] {
    const now = Date.now();
    if (now - this.#lookedAt > unwatched) {
      this.#rest();
      return [];
    }
    const shards = this.#options.shards();
    const keys = new Set(shards.map(({ key }) => key));
    for (const key of this.#heard.keys()) if (!keys.has(key)) this.#heard.delete(key);
    return shards.flatMap((shard) => {
      const heard = this.#known(shard.key, now);
      const { client, namespace } = shard;
      if (heard.asking || !client) return [];
      heard.asking = true;
      return [this.#limit(() => this.#ask(client, namespace, heard))];
    });
  }

  #known(key: string, now: number): Heard {
    let heard = this.#heard.get(key);
    if (!heard) {
      heard = { tiles: new Map(), asking: false, at: now };
      this.#heard.set(key, heard);
    }
    return heard;
  }

  async #ask(client: ShardClient, namespace: string | undefined, heard: Heard): Promise<void> {
    try {
      const query = heard.cursor === undefined ? '' : `?since=${encodeURIComponent(heard.cursor)}`;
      const changes = parseTileChanges(await client.json<unknown>(pageRoutes.tiles + query, patience));
      if (!changes) return;
      const own = changes.tiles.filter((tile) => namespace === undefined || tile.namespace === namespace);
      heard.tiles = appliedChanges(heard.tiles, { ...changes, tiles: own });
      heard.cursor = changes.cursor;
      heard.at = Date.now();
      this.#region ??= changes.region;
    } finally {
      heard.asking = false;
    }
  }

  /** At most once in half an interval, however many look. */
  #merge(): void {
    const now = Date.now();
    if (now - this.#mergedAt < interval / 2) return;
    this.#mergedAt = now;
    const parts = this.#options.shards().map(({ key, placements }): ShardTiles => {
      const heard = this.#heard.get(key);
      const unheard = heard !== undefined && now - heard.at > silence;
      return {
        tiles: heard?.tiles ?? new Map(),
        placements,
        ...(unheard && { unheardSince: new Date(heard.at).toISOString() }),
      };
    });
    this.#log.update(mergedTiles(parts, new Date(now).toISOString()));
  }
}
