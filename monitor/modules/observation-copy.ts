import type { DetectorNeed } from '../../crds/detector-manifest.ts';
import type { FrameObservation, Observation } from '../detectors/contract.ts';
import type { ModuleObservation } from './thread-messages.ts';

/** An observation that shares nothing with this thread, and the buffer that goes over with it. */
export interface ObservationCopy {
  readonly observation: ModuleObservation;
  readonly transfer: readonly ArrayBuffer[];
  readonly bytes: number;
}

/** Buffers that are kept for the next frames. */
const mostFree = 4;

/** Whether a detector with these needs is told of an observation at all. */
export function isNeeded({ type }: Observation, needs: readonly DetectorNeed[]): boolean {
  switch (type) {
    case 'frame':
      return needs.includes('reduced') || needs.includes('native');
    case 'audio':
      return needs.includes('audio');
    case 'evidence':
      return needs.includes('transport');
    case 'clock':
      return needs.includes('clock');
    case 'reference':
      return needs.includes('reference');
    default:
      return true;
  }
}

/** Copies what a detector needs, and nothing else, into buffers that its thread gives back. */
export class ObservationCopies {
  readonly #native: boolean;
  #free: ArrayBuffer[] = [];

  constructor(needs: readonly DetectorNeed[]) {
    this.#native = needs.includes('native');
  }

  copyOf(observation: Observation): ObservationCopy {
    if (observation.type === 'frame') return this.#frame(observation);
    if (observation.type !== 'audio') return { observation, transfer: [], bytes: 0 };
    const samples = observation.samples.slice();
    return {
      observation: { ...observation, samples },
      transfer: [samples.buffer],
      bytes: samples.byteLength,
    };
  }

  takeBack(buffer: ArrayBuffer): void {
    if (this.#free.length < mostFree) this.#free.push(buffer);
  }

  /** All of a frame in one buffer; the plane of full size of the frame before is in the thread already. */
  #frame({ time, reduced, statistics, native }: FrameObservation): ObservationCopy {
    const { histogram, tileDifferences, difference, mean } = statistics;
    const full = this.#native ? native?.current : undefined;
    const parts = [histogram, tileDifferences, reduced.data, ...(full ? [full.data] : [])];
    const bytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const buffer = this.#buffer(bytes);
    const offsets: number[] = [];
    let end = 0;
    for (const part of parts) {
      new Uint8Array(buffer, end).set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
      offsets.push(end);
      end += part.byteLength;
    }
    const [histogramAt, tilesAt, reducedAt, fullAt] = offsets;
    const plane = (width: number, height: number, at: number | undefined) => ({
      width,
      height,
      data: new Uint8Array(buffer, at, width * height),
    });
    return {
      observation: {
        type: 'frame',
        time,
        reduced: plane(reduced.width, reduced.height, reducedAt),
        statistics: {
          difference,
          mean,
          histogram: new Uint32Array(buffer, histogramAt, histogram.length),
          tileDifferences: new Float32Array(buffer, tilesAt, tileDifferences.length),
        },
        ...(full && { native: { current: plane(full.width, full.height, fullAt) } }),
      },
      transfer: [buffer],
      bytes,
    };
  }

  #buffer(bytes: number): ArrayBuffer {
    // Pictures of another size do not come back.
    if (this.#free[0] && this.#free[0].byteLength !== bytes) this.#free = [];
    return this.#free.pop() ?? new ArrayBuffer(bytes);
  }
}
