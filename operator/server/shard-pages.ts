import pLimit from 'p-limit';
import type { PageIncidentDetail, PageStreamDetail } from '../../crds/page-api.ts';
import type { ShardAnswer, ShardClient } from '../shards/shard-client.ts';
import { mergedStream } from './merged-wall.ts';
import type { WallShard } from './shard-wall.ts';

/** ms that a shard has to answer somebody who looks. */
const patience = 3_000;
/** Shards asked at once for what may be on any. */
const concurrency = 64;

/** One of several answers: found, or why not. */
export type Found<T> = { readonly found: T } | { readonly missing: 'nowhere' | 'unanswered' };

/** Fetches single things from the shards that have them. */
export class ShardPages {
  readonly #shards: () => readonly WallShard[];
  readonly #limit = pLimit(concurrency);

  constructor(shards: () => readonly WallShard[]) {
    this.#shards = shards;
  }

  /** @param monitor `namespace/name` */
  async stream(monitor: string, name: string, path: string): Promise<Found<PageStreamDetail>> {
    const asked = this.#watching(monitor, name);
    const answers = await Promise.all(asked.map(({ client }) => client?.get(path, patience)));
    const details = answers.flatMap((answer) => jsonOf<PageStreamDetail>(answer) ?? []);
    const [first, ...others] = details;
    if (first) return { found: others.reduce(mergedStream, first) };
    return { missing: answers.some((answer) => answer === undefined) ? 'unanswered' : 'nowhere' };
  }

  /** Its stream may have moved since, so that it may be on any shard. */
  async incident(path: string): Promise<Found<PageIncidentDetail>> {
    const found = await this.#anywhere(path);
    const detail = 'found' in found ? jsonOf<PageIncidentDetail>(found.found) : undefined;
    if (detail) return { found: detail };
    return 'found' in found ? { missing: 'nowhere' } : found;
  }

  async thumbnail(monitor: string, name: string, path: string): Promise<ShardAnswer | undefined> {
    return firstOf(this.#watching(monitor, name).map(({ client }) => pictureOf(client, path)));
  }

  async evidence(path: string): Promise<ShardAnswer | undefined> {
    const found = await this.#anywhere(path);
    return 'found' in found && isPicture(found.found) ? found.found : undefined;
  }

  #watching(monitor: string, name: string): readonly WallShard[] {
    return this.#shards().filter(({ placements }) =>
      placements.some((on) => on.monitor === monitor && on.name === name),
    );
  }

  async #anywhere(path: string): Promise<Found<ShardAnswer>> {
    let silent = false;
    let done = false;
    const ask = async ({ client }: WallShard) => {
      if (done) return undefined;
      const answer = await client?.get(path, patience);
      silent ||= answer === undefined;
      if (answer?.status !== 200) return undefined;
      done = true;
      return answer;
    };
    const found = await firstOf(this.#shards().map((shard) => this.#limit(() => ask(shard))));
    return found ? { found } : { missing: silent ? 'unanswered' : 'nowhere' };
  }
}

async function pictureOf(client: ShardClient | undefined, path: string): Promise<ShardAnswer | undefined> {
  const answer = await client?.get(path, patience);
  return answer && isPicture(answer) ? answer : undefined;
}

function isPicture({ status, contentType }: ShardAnswer): boolean {
  return status === 200 && contentType.startsWith('image/jpeg');
}

/** The first that is there, as soon as it is there. */
async function firstOf<T>(answers: readonly Promise<T | undefined>[]): Promise<T | undefined> {
  const present = answers.map(async (answer) => {
    const value = await answer;
    if (value === undefined) throw new Error('absent');
    return value;
  });
  return Promise.any(present).catch(() => undefined);
}

function jsonOf<T>(answer: ShardAnswer | undefined): T | undefined {
  if (answer?.status !== 200) return undefined;
  try {
    return JSON.parse(answer.body.toString('utf8')) as T;
  } catch {
    return undefined;
  }
}
