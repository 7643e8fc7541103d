import { LumaKernels, reductionFactor, statisticsBytes } from '../kernels/luma-kernels.ts';
import type { FrameStatistics, LumaPlane } from '../kernels/luma-plane.ts';

/** A decoded frame with its statistics; valid until the next one. */
export interface Frame {
  /** Media seconds of the session. */
  readonly pts: number;
  readonly reduced: LumaPlane;
  readonly statistics: FrameStatistics;
  readonly native?: { readonly current: LumaPlane; readonly previous?: LumaPlane };
  readonly kernels: LumaKernels;
}

interface Slot {
  readonly received: LumaPlane;
  readonly reduced: LumaPlane;
}

/** Two frames in kernel memory, this and the one before, at the size in which they arrive. */
export class FrameStore {
  readonly #kernels = new LumaKernels();
  readonly #native: boolean;
  readonly #slots: readonly [Slot, Slot];
  readonly #factor: number;
  readonly #scratch: number;
  #count = 0;

  /** `native`: frames arrive at full size and are reduced here; otherwise they arrive reduced. */
  constructor(width: number, height: number, native: boolean) {
    this.#native = native;
    this.#factor = native ? reductionFactor(width) : 1;
    const columns = Math.floor(width / this.#factor);
    const rows = Math.floor(height / this.#factor);
    const kernels = this.#kernels;
    const received = [kernels.allocate(width * height), kernels.allocate(width * height)] as const;
    const reduced =
      this.#factor === 1
        ? received
        : ([kernels.allocate(columns * rows), kernels.allocate(columns * rows)] as const);
    this.#scratch = kernels.allocate(statisticsBytes);
    const slot = (index: 0 | 1): Slot => ({
      received: kernels.plane(received[index], width, height),
      reduced: kernels.plane(reduced[index], columns, rows),
    });
    this.#slots = [slot(0), slot(1)];
  }

  get frameBytes(): number {
    return this.#slots[0].received.data.length;
  }

  /** Where the next frame's samples go. */
  target(): Uint8Array {
    return this.#current.received.data;
  }

  /** The frame whose samples now lie in the target. */
  take(pts: number): Frame {
    const { received, reduced } = this.#current;
    const previous = this.#count > 0 ? this.#slots[((this.#count + 1) % 2) as 0 | 1] : undefined;
    if (this.#factor > 1) this.#kernels.reduce(received, this.#factor, reduced);
    const statistics = this.#kernels.statistics(reduced, previous?.reduced, this.#scratch);
    this.#count++;
    const native = this.#native && { current: received, ...(previous && { previous: previous.received }) };
    return { pts, reduced, statistics, kernels: this.#kernels, ...(native && { native }) };
  }

  get #current(): Slot {
    return this.#slots[(this.#count % 2) as 0 | 1];
  }
}
