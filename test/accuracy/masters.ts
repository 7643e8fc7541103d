import pLimit, { type LimitFunction } from 'p-limit';
import type { Clip } from './corpus.ts';
import { type Master, type MasterSize, makeMaster } from './master.ts';

/** Masters of clips, each made once, when it is first asked for, and a few at the same time. */
export class Masters {
  readonly #size: MasterSize;
  readonly #directory: string;
  readonly #limit: LimitFunction;
  readonly #made = new Map<string, Promise<Master>>();

  constructor(size: MasterSize, directory: string, parallel: number) {
    this.#size = size;
    this.#directory = directory;
    this.#limit = pLimit(parallel);
  }

  of(clip: Clip): Promise<Master> {
    const known = this.#made.get(clip.name);
    if (known) return known;
    const made = this.#limit(() => makeMaster(clip, this.#size, this.#directory));
    this.#made.set(clip.name, made);
    return made;
  }
}
