/**
 * The value that would stand at `rank` if `values`, which it reorders, were sorted: by partition (Hoare, "Algorithm 65:
 * Find", CACM 1961).
 */
export function select(values: Float32Array, rank: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let left = low;
    let right = high;
    while (left <= right) {
      while (values[left]! < pivot) left++;
      while (values[right]! > pivot) right--;
      if (left > right) break;
      const value = values[left]!;
      values[left++] = values[right]!;
      values[right--] = value;
    }
    if (rank <= right) high = right;
    else if (rank >= left) low = left;
    else break;
  }
  return values[rank]!;
}

/** The values of a sliding window, kept in order. */
export class OrderedWindow {
  #values = new Float64Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(value: number): void {
    if (this.#length === this.#values.length) {
      const wider = new Float64Array(2 * this.#length);
      wider.set(this.#values);
      this.#values = wider;
    }
    const at = this.#place(value);
    this.#values.copyWithin(at + 1, at, this.#length);
    this.#values[at] = value;
    this.#length++;
  }

  /** Takes out a value that is in it. */
  remove(value: number): void {
    const at = this.#place(value);
    this.#values.copyWithin(at, at + 1, this.#length);
    this.#length--;
  }

  /** The value that a share of the others is below. */
  quantile(share: number): number {
    return this.#values[Math.min(this.#length - 1, Math.floor(this.#length * share))]!;
  }

  /** Of the first that is not less. */
  #place(value: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#values[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
