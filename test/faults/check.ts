import type { FaultBed } from './fault-bed.ts';
import type { Round } from './round.ts';

/** What was not as promised, or, where it is no more than what is said to be lost, a remark. */
export interface Finding {
  readonly expected: string;
  readonly found: string;
  /** Within what the fault may lose. */
  readonly allowed?: boolean;
  /** Number of the round that it is of; that which was just played, or none, when left out. */
  readonly round?: number;
}

/** All that is known once the last fault has healed and every shard has let go. */
export interface Ended {
  readonly rounds: readonly Round[];
}

/** One part of the ledger: a file of `checks/`, each of whose functions is called at its time. */
export interface Check {
  readonly name: string;
  /** After each fault, with everything running. */
  readonly afterFault?: (bed: FaultBed, round: Round) => Promise<Finding[]> | Finding[];
  /** When the monitors have delivered everything and are gone. */
  readonly afterAll?: (bed: FaultBed, ended: Ended) => Promise<Finding[]> | Finding[];
  /** When everything has ended; `directory`: what had all its temporary files. */
  readonly afterEnd?: (directory: string) => Promise<Finding[]>;
}
