import type { DetectorManifest } from '../../crds/detector-manifest.ts';
import type { Detector, Judgement, Observation, Unknown } from '../detectors/contract.ts';

/** Every reason for which a module's detector is stopped. Bounded: it is a metric label. */
export const failureReasons = {
  load: 'the module is missing, cannot be imported, or its manifest is wrong',
  parameters: 'the parameters do not follow the manifest',
  threw: 'it threw an error',
  blocked: 'a step did not come to its end',
  memory: 'it used more memory than it may',
  output: 'what it said is no judgement of a kind in its manifest',
  exited: 'its thread ended by itself',
} as const;
export type FailureReason = keyof typeof failureReasons;

/** The detector itself failed: what it said before stands no longer. */
export interface DetectorFailure {
  readonly failed: FailureReason;
  /** One sentence for a person. */
  readonly message: string;
}

/** What only a detector has that runs in a thread of its own. */
export interface Isolation {
  /** Of a finite source nothing is dropped: it waits instead. */
  beginSession(live: boolean): void;
  /** Observations that it was too slow for, since the last call. */
  takeDropped(): number;
  /** Resolves once at most `open` observations are without an answer; `undefined` where that is so now. */
  settled(open: number): Promise<void> | undefined;
  /** What it said since the last step. */
  take(): readonly (Judgement | Unknown | DetectorFailure)[];
  close(): void;
}

/** A detector as the analysis runs it. What one with `isolation` says may be about earlier observations. */
export interface RunningDetector extends Omit<Detector, 'step'> {
  step(observation: Observation): readonly (Judgement | Unknown | DetectorFailure)[];
  readonly isolation?: Isolation;
}

/** A manifest, and how to run its detector on one stream. */
export interface RunnableDetector {
  readonly manifest: DetectorManifest;
  create(
    parameters: Readonly<Record<string, number | boolean | string>>,
    settings: { readonly minDuration: number },
  ): RunningDetector;
}
