import type {
  ClockObservation,
  Detector,
  EpochObservation,
  FrameObservation,
  Judgement,
} from '../../../monitor/detectors/contract.ts';
import { LumaKernels, statisticsBytes } from '../../../monitor/kernels/luma-kernels.ts';

/** Paints one reduced plane; `index` is the frame's number. */
export type Painter = (data: Uint8Array, index: number) => void;

/** Feeds painted frames through the real kernels, as the converter does, and yields one observation each. */
export function* frames(
  paint: Painter,
  {
    count,
    rate = 25,
    from = 0,
    width = 320,
    height = 180,
  }: { count: number; rate?: number; from?: number; width?: number; height?: number },
): Generator<FrameObservation> {
  const kernels = new LumaKernels();
  const addresses = [kernels.allocate(width * height), kernels.allocate(width * height)] as const;
  const scratch = kernels.allocate(statisticsBytes);
  for (let index = 0; index < count; index++) {
    const current = kernels.plane(addresses[index % 2 === 0 ? 0 : 1], width, height);
    const previous = index > 0 ? kernels.plane(addresses[index % 2 === 0 ? 1 : 0], width, height) : undefined;
    paint(current.data, index);
    const statistics = kernels.statistics(current, previous, scratch);
    yield { type: 'frame', time: from + index / rate, reduced: current, statistics, kernels };
  }
}

export function epoch(values: Partial<EpochObservation> = {}): EpochObservation {
  return { type: 'epoch', time: 0, hasVideo: true, hasAudio: true, transportSeen: true, ...values };
}

export function clock(values: Partial<ClockObservation> & { time: number }): ClockObservation {
  return { type: 'clock', expectedGap: 0.5, ...values };
}

/** Judgements of a detector over observations, without its remarks on what it cannot tell. */
export function judge(
  detector: Detector,
  observations: Iterable<Parameters<Detector['step']>[0]>,
): Judgement[] {
  const judgements: Judgement[] = [];
  for (const observation of observations) {
    for (const said of detector.step(observation)) if ('kind' in said) judgements.push({ ...said });
  }
  return judgements;
}
