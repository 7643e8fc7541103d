import type { TransportFault } from '../detectors/contract.ts';
import type { IngressEvidence } from './ingress.ts';
import { ClockAccuracy } from './ts-clock-accuracy.ts';

/** Of the program clock: 33 bits of 90 kHz times 300 (ISO/IEC 13818-1 §2.4.3.5). */
const ticksPerSecond = 27_000_000;
const clockWrap = 2 ** 33 * 300;

/** ETSI TR 101 290 v1.4.1 §5.2.1 and §5.2.2; how long a PID may be absent is left to the user there. In seconds. */
const limits = { table: 0.5, pid: 5, clock: 0.1, accuracy: 500e-9 } as const;
/**
 * A clock that is further on than this has jumped; below that, references are only far apart, unless a constant rate
 * says otherwise. Where arrival means nothing (segments, bodies read ahead), no other sign tells them apart.
 */
const jump = 1;
const checkEvery = 0.25;
const tables = ['pat', 'pmt'] as const;
type Table = (typeof tables)[number];
/** A fault that goes on is told once in so many seconds. */
const tellEvery = 1;

/** A PID that the programme map refers to. */
export interface ReferredPid {
  readonly track: IngressEvidence['track'] | 'other';
  /** Whether a packet of it came since this was last set back. */
  seen: boolean;
  /** Stream time at which that was found. */
  seenAt: number;
}

export type TellFault = (fault: TransportFault, track: IngressEvidence['track'], value?: number) => void;

/**
 * What ETSI TR 101 290 measures by time, in the stream's own time: that of its program clock references, since media
 * in segments arrives in bursts. What cannot be told apart from a loss that is known already is not judged.
 */
export class TransportIndicators {
  readonly #tell: TellFault;
  readonly #broadcast: boolean;
  readonly #accuracy = new ClockAccuracy();
  readonly #told = new Map<TransportFault, number>();
  /** When each table came last: at the first clock reference after it, so that no interval seems longer than it is. */
  readonly #tables: Record<Table, number | 'now'> = { pat: 0, pmt: 0 };
  #segmentTables = { pat: true, pmt: true };
  #referred: readonly ReferredPid[] = [];
  /** Stream time in seconds, and the same in ticks. */
  #now = 0;
  #position = 0;
  #checkedAt = 0;
  #lastTicks: number | undefined;
  #lastPackets = 0;
  #lossy = false;
  #newSegment = false;
  /** First PTS since the last clock reference. */
  #ptsSince: number | undefined;

  /**
   * A broadcast is joined anywhere and repeats its tables for that, and its receivers run by its clock references. A
   * segment brings tables once (RFC 8216 §3.2), and so may a file; players of both run by their own clock.
   */
  constructor(tell: TellFault, { broadcast }: { readonly broadcast: boolean }) {
    this.#tell = tell;
    this.#broadcast = broadcast;
  }

  /** A segment starts; `ownTables` where it must bring its tables itself. */
  startSegment(ownTables: boolean): void {
    for (const table of tables) {
      if (!this.#segmentTables[table]) this.#tell(table, 'unknown');
      this.#segmentTables[table] = !ownTables;
    }
    this.#newSegment = true;
  }

  /** Packets are known to be lost: the next interval says nothing. */
  loss(): void {
    this.#lossy = true;
    this.#accuracy.restart();
  }

  table(table: Table): void {
    if (this.#broadcast) this.#checkTable(table);
    this.#tables[table] = 'now';
    this.#segmentTables[table] = true;
  }

  refer(pids: readonly ReferredPid[]): void {
    if (pids.length === this.#referred.length && pids.every((pid, index) => pid === this.#referred[index]))
      return;
    this.#referred = pids;
    for (const pid of pids) pid.seenAt = this.#now;
  }

  /** The clock is another one, or begins anew. */
  restartClock(): void {
    this.#lastTicks = undefined;
    this.#accuracy.restart();
  }

  /** A clock reference in ticks of 27 MHz, with the packets and the stuffing packets counted up to it. */
  reference(ticks: number, announced: boolean, packets: number, stuffing: number): void {
    if (announced) this.restartClock();
    const last = this.#lastTicks;
    const between = packets - this.#lastPackets;
    const judged = !this.#lossy;
    const newSegment = this.#newSegment;
    this.#lastTicks = ticks;
    this.#lastPackets = packets;
    this.#lossy = false;
    this.#newSegment = false;
    this.#ptsSince = undefined;
    if (last === undefined) {
      this.#pass(0, true);
      return;
    }
    const stepTicks = wrapped(ticks - last);
    const step = stepTicks / ticksPerSecond;
    if (step < 0 || step > jump) {
      if (judged) this.#tellAtTimes('pcr-discontinuity', Math.abs(step));
      this.#accuracy.restart();
      this.#pass(0, true);
      return;
    }
    this.#pass(step, !judged);
    this.#position += stepTicks;
    if (newSegment) this.#accuracy.restart();
    else if (judged && step > limits.clock) this.#tellLate(step, between);
    const error = this.#accuracy.add(this.#position, packets, stuffing);
    if (this.#broadcast && error !== undefined && error > limits.accuracy)
      this.#tellAtTimes('pcr-accuracy', error);
    if (this.#now - this.#checkedAt >= checkEvery) this.#check();
  }

  /** A timestamp of the pictures, or of the sound without pictures: time passes without clock references too. */
  presentation(pts: number): void {
    this.#ptsSince ??= pts;
    const passed = pts - this.#ptsSince;
    if (passed < 0) this.#ptsSince = pts;
    if (passed <= jump) return;
    this.#ptsSince = pts;
    this.#pass(Math.min(passed, 2 * jump), false);
    if (this.#broadcast) this.#tellAtTimes('pcr-repetition', passed);
    this.loss();
  }

  /** References are far apart, or the clock went on without the bytes that a constant rate would have sent. */
  #tellLate(step: number, packets: number): void {
    const { ticksPerPacket } = this.#accuracy;
    const sent =
      ticksPerPacket === undefined ? Number.POSITIVE_INFINITY : (packets * ticksPerPacket) / ticksPerSecond;
    if (sent < step / 2) this.#tellAtTimes('pcr-discontinuity', step);
    else if (this.#broadcast) this.#tellAtTimes('pcr-repetition', step);
  }

  /** Stream time goes on; what came or was due meanwhile is not known where the time is `uncertain`. */
  #pass(seconds: number, uncertain: boolean): void {
    this.#now += seconds;
    for (const table of tables) {
      if (uncertain || this.#tables[table] === 'now') this.#tables[table] = this.#now;
    }
  }

  #check(): void {
    this.#checkedAt = this.#now;
    if (this.#broadcast) for (const table of tables) this.#checkTable(table);
    for (const pid of this.#referred) {
      const absent = this.#now - pid.seenAt;
      if (pid.seen) pid.seenAt = this.#now;
      else if (absent > limits.pid) this.#tellAtTimes('pid', absent, pid.track);
      pid.seen = false;
    }
  }

  #checkTable(table: Table): void {
    const since = this.#tables[table];
    const interval = since === 'now' ? 0 : this.#now - since;
    if (interval > limits.table) this.#tellAtTimes(table, interval);
  }

  #tellAtTimes(fault: TransportFault, value: number, track: ReferredPid['track'] = 'unknown'): void {
    const told = this.#told.get(fault);
    if (told !== undefined && this.#now - told < tellEvery) return;
    this.#told.set(fault, this.#now);
    this.#tell(fault, track === 'other' ? 'unknown' : track, value);
  }
}

function wrapped(ticks: number): number {
  if (ticks > clockWrap / 2) return ticks - clockWrap;
  return ticks < -clockWrap / 2 ? ticks + clockWrap : ticks;
}
