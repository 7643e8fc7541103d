import type { Check, Ended, Finding } from './check.ts';
import incidents from './checks/incidents.ts';
import leftBehind from './checks/left-behind.ts';
import owners from './checks/owners.ts';
import processes from './checks/processes.ts';
import results from './checks/results.ts';
import unwatched from './checks/unwatched.ts';
import type { FaultBed } from './fault-bed.ts';
import type { Round } from './round.ts';

const checks: readonly Check[] = [unwatched, incidents, processes, owners, results, leftBehind];

/** A finding, and which check made it. */
export interface Entry extends Finding {
  readonly check: string;
}

/** What was found wrong in a run, by all checks. */
export class Ledger {
  readonly entries: Entry[] = [];

  get breaches(): Entry[] {
    return this.entries.filter(({ allowed }) => !allowed);
  }

  /** What was found of one round so far. */
  of({ number }: Round): Entry[] {
    return this.entries.filter(({ round }) => round === number);
  }

  async afterFault(bed: FaultBed, round: Round): Promise<void> {
    await this.#ask(async ({ afterFault }) => {
      const findings = (await afterFault?.(bed, round)) ?? [];
      return findings.map((finding) => ({ round: round.number, ...finding }));
    });
  }

  afterAll(bed: FaultBed, ended: Ended): Promise<void> {
    return this.#ask(async ({ afterAll }) => (await afterAll?.(bed, ended)) ?? []);
  }

  afterEnd(directory: string): Promise<void> {
    return this.#ask(async ({ afterEnd }) => (await afterEnd?.(directory)) ?? []);
  }

  /** What was found by no check: that the run could not go on. */
  fail(expected: string, error: unknown): void {
    this.entries.push({
      check: 'run',
      expected,
      found: error instanceof Error ? error.message : String(error),
    });
  }

  async #ask(findings: (check: Check) => Promise<readonly Finding[]>): Promise<void> {
    for (const check of checks) {
      try {
        this.entries.push(...(await findings(check)).map((finding) => ({ check: check.name, ...finding })));
      } catch (error) {
        this.fail(`${check.name} can be checked`, error);
      }
    }
  }
}
