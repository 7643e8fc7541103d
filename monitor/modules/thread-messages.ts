import type { FrameObservation, Observation } from '../detectors/contract.ts';

/** What a module's detector is given: as the contract says, but for the kernels, whose memory is of another thread. */
export type ModuleObservation = Exclude<Observation, FrameObservation> | Omit<FrameObservation, 'kernels'>;

/** What a thread is started with. File URLs. */
export interface ThreadData {
  readonly entry: string;
  /** Folder that the module may import from, with `/` at its end. */
  readonly folder: string;
}

/** To the thread. `instance` is one detector on one stream; `create` and `step` are each answered once, in order. */
export type ToThread =
  | {
      readonly type: 'create';
      readonly instance: number;
      readonly parameters: Readonly<Record<string, number | boolean | string>>;
      readonly minDuration: number;
    }
  | {
      readonly type: 'step';
      readonly instance: number;
      readonly observation: ModuleObservation;
      /** The frame follows the one that was sent last, whose full-size plane is then the one before. */
      readonly follows?: boolean;
    }
  | { readonly type: 'destroy'; readonly instance: number };

/** From the thread. `said` and `manifest` are whatever the module gave. */
export type FromThread =
  | { readonly type: 'loaded'; readonly manifest: unknown }
  | { readonly type: 'not-loaded'; readonly message: string }
  | {
      readonly type: 'said';
      readonly instance: number;
      readonly said: unknown;
      readonly milliseconds: number;
      /** That of a frame which is done with. */
      readonly buffer?: ArrayBuffer;
    }
  | {
      readonly type: 'failed';
      readonly instance: number;
      readonly reason: 'threw' | 'output';
      readonly message: string;
    };

/** Most judgements that one step may return. */
export const mostJudgements = 64;
