import type { FrameObservation } from '../../../monitor/detectors/contract.ts';
import { LumaKernels, reductionFactor, statisticsBytes } from '../../../monitor/kernels/luma-kernels.ts';
import type { Painter } from './observations.ts';

/** Feeds painted full-size frames through the real kernels, as the converter does for detectors that need `native`. */
export function* nativeFrames(
  paint: Painter,
  { count, from = 0, rate = 25 }: { count: number; from?: number; rate?: number },
): Generator<FrameObservation> {
  const width = 640;
  const height = 360;
  const factor = reductionFactor(width);
  const [columns, rows] = [Math.floor(width / factor), Math.floor(height / factor)];
  const kernels = new LumaKernels();
  const slots = [0, 1].map(() => ({
    native: kernels.allocate(width * height),
    reduced: kernels.allocate(columns * rows),
  }));
  const scratch = kernels.allocate(statisticsBytes);
  const planes = slots.map(({ native, reduced }) => ({
    native: kernels.plane(native, width, height),
    reduced: kernels.plane(reduced, columns, rows),
  }));
  for (let index = 0; index < count; index++) {
    const current = planes[index % 2]!;
    const previous = index > 0 ? planes[(index + 1) % 2]! : undefined;
    paint(current.native.data, index);
    kernels.reduce(current.native, factor, current.reduced);
    const statistics = kernels.statistics(current.reduced, previous?.reduced, scratch);
    const native = { current: current.native, ...(previous && { previous: previous.native }) };
    yield { type: 'frame', time: from + index / rate, reduced: current.reduced, statistics, native, kernels };
  }
}
