import { mkdtemp, rm } from 'node:fs/promises';
import { Random } from '../accuracy/random.ts';
import { unwatchedSeconds } from './checks/unwatched.ts';
import type { Fault } from './fault.ts';
import { FaultBed } from './fault-bed.ts';
import { type Entry, Ledger } from './ledger.ts';
import { processesOf } from './processes.ts';
import { playRound, type Round } from './round.ts';

/** A round, and what came of it. */
export interface Played {
  readonly round: Round;
  /** Longest time that a stream was unwatched, in seconds. */
  readonly unwatched: number;
}

/** All that a run has shown. */
export interface RunOutcome {
  readonly played: readonly Played[];
  readonly ledger: Ledger;
}

/** What a run is asked for. */
export interface RunOptions {
  readonly faults: readonly Fault[];
  readonly runs: number;
  readonly seed: number;
  /** Told as each round ends. */
  readonly onRound?: (played: Played, entries: readonly Entry[]) => void;
}

/** Which fault comes when: all of them once before one comes again, in an order of the seed. */
export function orderOf(faults: readonly Fault[], runs: number, seed: number): Fault[] {
  const random = new Random('order of faults', seed);
  const order: Fault[] = [];
  let left: Fault[] = [];
  while (order.length < runs) {
    if (left.length === 0) left = [...faults];
    const fault = random.pick(left);
    left = left.filter((each) => each !== fault);
    order.push(fault);
  }
  return order;
}

/** Starts everything, breaks it so often, ends it, and keeps what was not as promised. */
export async function runFaults({ faults, runs, seed, onRound }: RunOptions): Promise<RunOutcome> {
  const ledger = new Ledger();
  const played: Played[] = [];
  // A short path: sockets below it have 108 bytes.
  const directory = await mkdtemp('/tmp/smf-');
  const outside = process.env.TMPDIR;
  process.env.TMPDIR = directory;
  const abort = () => void endAll(directory).then(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, abort);
  try {
    const bed = await FaultBed.start(directory);
    try {
      for (const [index, fault] of orderOf(faults, runs, seed).entries()) {
        const round = await playRound(bed, fault, index + 1, new Random(fault.name, index, seed));
        await ledger.afterFault(bed, round);
        const one = { round, unwatched: Math.max(0, ...unwatchedSeconds(bed, round).values()) };
        played.push(one);
        onRound?.(one, ledger.of(round));
      }
      await bed.letGo();
      await ledger.afterAll(bed, { rounds: played.map(({ round }) => round) });
    } catch (error) {
      ledger.fail('the run goes on', error);
    } finally {
      await bed.stop();
    }
    await ledger.afterEnd(directory);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, abort);
    if (outside === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = outside;
    await rm(directory, { recursive: true, force: true });
  }
  return { played, ledger };
}

/** What a run that is broken off leaves to nobody. */
async function endAll(directory: string): Promise<void> {
  for (const { pid } of await processesOf(directory)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  await rm(directory, { recursive: true, force: true });
}
