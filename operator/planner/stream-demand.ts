import type { VideoFormat } from './cost.ts';

/** A stream that should be watched. */
export interface StreamDemand {
  /** `namespace/name` of the StreamMonitor. */
  readonly monitor: string;
  readonly name: string;
  /** Pool whose shards may watch it. */
  readonly pool: string;
  /** Where capacity is short, the lowest is left out first. */
  readonly priority: number;
  readonly video: VideoFormat;
  /** Enabled detector types. */
  readonly detectors: readonly string[];
  /** How the user divided the detectors; divided only where no shard could hold them all when left out. */
  readonly subsets?: readonly (readonly string[])[];
  /** The source allows one reader: it moves break-before-make. */
  readonly exclusive?: boolean;
  /** It is compared with a reference, which whoever does so decodes too. */
  readonly reference?: boolean;
  /** Size of its entry in an assignment document. */
  readonly bytes: number;
}
