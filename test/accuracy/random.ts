import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Numbers that are the same in every run with the same seed. */
export class Random {
  readonly #generator: ReturnType<typeof xoroshiro128plus>;

  /** `parts`: whatever tells this use of chance from others, such as class and number of the case. */
  constructor(...parts: readonly (string | number)[]) {
    const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
    this.#generator = xoroshiro128plus(digest.readInt32LE());
  }

  /** From `low` up to `high`, which it does not reach. */
  between(low: number, high: number): number {
    return low + (high - low) * uniformFloat64(this.#generator);
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return uniformInt(this.#generator, low, high);
  }

  chance(probability: number): boolean {
    return this.between(0, 1) < probability;
  }

  /** @throws Error when there is nothing to pick from */
  pick<T>(items: readonly T[]): T {
    const item = items[this.whole(0, items.length - 1)];
    if (item === undefined) throw new Error('there is nothing to pick from');
    return item;
  }
}
