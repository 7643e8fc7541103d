import type { DetectorNeed } from '../../crds/detector-manifest.ts';
import type { FrameObservation, Observation } from '../detectors/contract.ts';
import type { LumaPlane } from '../kernels/luma-plane.ts';
import type { ModuleObservation } from './thread-messages.ts';

/** An observation that shares nothing with this thread, and the buffers that go over with it. */
export interface ObservationCopy {
  readonly observation: ModuleObservation;
  readonly transfer: readonly ArrayBuffer[];
  readonly bytes: number;
}

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
    default:
      return true;
  }
}

/** Copies what the needs ask for, and nothing else. */
export function copyOf(observation: Observation, needs: readonly DetectorNeed[]): ObservationCopy {
  if (observation.type === 'frame') return frameCopy(observation, needs.includes('native'));
  if (observation.type !== 'audio') return { observation, transfer: [], bytes: 0 };
  const samples = observation.samples.slice();
  return {
    observation: { ...observation, samples },
    transfer: [samples.buffer],
    bytes: samples.byteLength,
  };
}

function frameCopy({ time, reduced, statistics, native }: FrameObservation, full: boolean): ObservationCopy {
  const planes: LumaPlane[] = [];
  const plane = ({ width, height, data }: LumaPlane): LumaPlane => {
    const copy = { width, height, data: data.slice() };
    planes.push(copy);
    return copy;
  };
  const small = plane(reduced);
  // Without a reduction both are one plane.
  const own = full && native && (native.current.data === reduced.data ? small : plane(native.current));
  const previous = full && native?.previous && plane(native.previous);
  const { difference, mean } = statistics;
  const tileDifferences = statistics.tileDifferences.slice();
  const histogram = statistics.histogram.slice();
  const transfer = [...planes.map(({ data }) => data.buffer), tileDifferences.buffer, histogram.buffer];
  return {
    observation: {
      type: 'frame',
      time,
      reduced: small,
      statistics: { difference, mean, tileDifferences, histogram },
      ...(own && { native: { current: own, ...(previous && { previous }) } }),
    },
    transfer: transfer as ArrayBuffer[],
    bytes: transfer.reduce((sum, { byteLength }) => sum + byteLength, 0),
  };
}
