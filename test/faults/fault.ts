import type { Random } from '../accuracy/random.ts';
import type { FaultBed } from './fault-bed.ts';

/** What a strike has done. */
export interface Wound {
  /** What was hit, for the table. */
  readonly what: string;
  /** How long it stays so, in seconds. */
  readonly seconds: number;
  /** Makes whole again what does not heal by itself. */
  heal(): Promise<void>;
}

/** One way to break the system: a file of `faults/`, which is found by its name. */
export interface Fault {
  /** As its file is named. */
  readonly name: string;
  /** What breaks, for the docs. */
  readonly breaks: string;
  /** What holds nevertheless, for the docs. */
  readonly promise: string;
  /** Longest time that any stream may be unwatched, in seconds. */
  readonly bound: number;
  /** Streams cannot be watched while it lasts: the bound counts from when it is healed. */
  readonly takesStreams?: boolean;
  /** What was found within so many seconds before it may be lost, or told under another id. */
  readonly mayLose?: number;
  strike(bed: FaultBed, random: Random): Promise<Wound>;
}

/**
 * Bounds that are promised, in seconds: of what ends or fails with a process; of a source that is silent on a
 * connection that stands, which is opened anew after 10 s; of a node.
 */
export const processBound = 10;
export const silenceBound = 20;
export const nodeBound = 60;
