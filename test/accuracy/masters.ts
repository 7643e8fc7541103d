import type { Clip } from './corpus.ts';
import { type Master, type MasterSize, makeMaster } from './master.ts';

/** Masters of clips, each made once, when it is first asked for. */
export class Masters {
  readonly #size: MasterSize;
  readonly #directory: string;
  readonly #made = new Map<string, Promise<Master>>();

  constructor(size: MasterSize, directory: string) {
    this.#size = size;
    this.#directory = directory;
  }

  of(clip: Clip): Promise<Master> {
    const known = this.#made.get(clip.name);
    if (known) return known;
    const made = makeMaster(clip, this.#size, this.#directory);
    this.#made.set(clip.name, made);
    return made;
  }
}
