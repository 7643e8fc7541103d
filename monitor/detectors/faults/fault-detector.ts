import type { Detector, EpochObservation, EvidenceObservation } from '../contract.ts';
import { FaultSpans } from './fault-spans.ts';

/** How a detector reads faults that the ingress has found. */
export interface FaultReading {
  /** What kind of defect a piece of evidence is; none where it is no fault of this sort. */
  readonly kindOf: (evidence: EvidenceObservation) => string | undefined;
  /** By kind, the measured value up to which it is none. */
  readonly limits: Readonly<Record<string, number>>;
  /** Why faults cannot be seen in an epoch; `undefined` where they can. */
  readonly unseen: (epoch: EpochObservation) => string | undefined;
}

/** A detector of faults that are found already: when they begin, when they are over, and what of them is borne. */
export function faultDetector({ kindOf, limits, unseen }: FaultReading): Detector {
  const spans = new FaultSpans();
  let unknown: string | undefined;
  return {
    step(observation) {
      switch (observation.type) {
        case 'epoch': {
          const over = spans.end(observation.time);
          unknown = unseen(observation);
          return [...over, { unknown }];
        }
        case 'evidence': {
          const kind = unknown === undefined ? kindOf(observation) : undefined;
          const { time, duration = 0, value = Number.POSITIVE_INFINITY } = observation;
          if (kind && value > (limits[kind] ?? 0)) spans.add({ kind, from: time, until: time + duration });
          return [];
        }
        case 'end':
          return spans.end(observation.time);
        default:
          return spans.at(observation.time);
      }
    },
  };
}
