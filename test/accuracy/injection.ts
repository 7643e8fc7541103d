import type { Master } from './master.ts';
import type { Random } from './random.ts';
import type { Span } from './spans.ts';
import type { DetectorType, Watched, WatchedIncident } from './watching.ts';

/**
 * A class of defects, as it stands in the table: what is injected, and which detector has to find it.
 * One file in `injections/` exports an array of those that belong together.
 */
export interface DefectClass {
  /** Name in the table, such as `freeze` or `lost packets, bursts`. Classes of one name do not exist. */
  readonly name: string;
  /** One sentence: what is done to the clip. */
  readonly description: string;
  /** Who is run and judged. */
  readonly detector: DetectorType;
  /** Kinds of its incidents that find this defect; all where absent. Others are neither right nor wrong. */
  readonly kinds?: readonly string[];
  /** Detectors that have to run beside it, so that it can tell, such as `stall` for a freeze in a stall. */
  readonly beside?: readonly DetectorType[];
  /** Parameters of the detector that are not the defaults, as they stand in `spec.detectors`, such as a tolerance. */
  readonly parameters?: Readonly<Record<string, string | number | boolean>>;
  /** Spread evenly over the events, such as bit-rates; each is a row of its own in the details. */
  readonly variants: readonly string[];
  /** It is in clips that are damaged as they are, each of which is watched once; in none of those where absent. */
  readonly damaged?: true;
  /** Whether the clip can bear the defect. */
  suits(master: Master): boolean;
  /** Damages a clip. @throws Error when a tool fails; the run stops, nothing is left out silently */
  inject(context: InjectionContext): Promise<Injected>;
  /** Seconds by which incident and event may miss each other; 1 where absent. */
  readonly tolerance?: number;
  /**
   * What a few events in the clips of `test/media` must reach, so that the tests see when the class drops. Absent: too
   * slow for every test run, or those clips have nothing that suits.
   */
  readonly floor?: { readonly recall: number; readonly precision: number };
  /** Of a defect that is no span but a moment or an offset, coverage says nothing. */
  readonly withoutCoverage?: true;
  /** Whether what the incident says is right, beside its time: the channel, the offset. */
  agrees?(incident: WatchedIncident, event: InjectedEvent): boolean;
  /** How far what was measured is from what was injected, with its unit, such as `ms`. */
  readonly error?: {
    readonly unit: string;
    of(incident: WatchedIncident, event: InjectedEvent, watched: Watched): number | undefined;
  };
}

/** Clips in which nothing is wrong, as they are or made hard to judge: whatever is found in them is false. */
export interface CleanClass {
  /** Name in the table, such as `film grain`. */
  readonly name: string;
  /** One sentence: what is done to the clip. */
  readonly description: string;
  readonly variants: readonly string[];
  suits(master: Master): boolean;
  /** Makes the clip. @throws Error when a tool fails */
  make(context: InjectionContext): Promise<CleanClip>;
}

/** A clip on disk in which nothing was damaged. */
export interface CleanClip {
  /** Media file or local playlist. */
  readonly path: string;
  /** By detector, where its incidents are neither right nor wrong: what is so by nature, or doubtful. Media seconds. */
  readonly excluded: Readonly<Record<string, readonly Span[]>>;
}

export interface InjectionContext {
  readonly master: Master;
  /** One of the class's. */
  readonly variant: string;
  readonly random: Random;
  /** Empty folder for this case alone; removed after it was watched. */
  readonly directory: string;
}

/** A damaged clip on disk. */
export interface Injected {
  /** Media file or local playlist. */
  readonly path: string;
  /** The undamaged programme, for detectors that compare. */
  readonly reference?: string;
  /** Media seconds of `path`. */
  readonly seconds: number;
  readonly events: readonly InjectedEvent[];
  /** Where an incident is neither right nor wrong: what is so by nature, or doubtful. Media seconds of `path`. */
  readonly excluded: readonly Span[];
}

export interface InjectedEvent {
  readonly span: Span;
  /** False where a viewer could not tell it from the undamaged clip: it does not count, and may be found. */
  readonly visible: boolean;
  /** What `agrees` and `error` compare with, such as `offset` in seconds. */
  readonly facts?: Readonly<Record<string, number | string>>;
}
