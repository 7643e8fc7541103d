import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Case } from './cases.ts';
import type { ScoredCase } from './class-run.ts';
import type { Master } from './master.ts';
import type { CaseScore } from './scoring.ts';

/** What a case's score depends on beside its class and number: another basis is another case. */
export interface CaseBasis {
  /** Commit, with `+` where the tree had changes. */
  readonly revision: string;
  readonly seed: number;
  readonly lines: number;
  /** Of the peer, where it was run. */
  readonly filter: string | undefined;
}

/** One line of the file. */
interface Entry {
  readonly basis: CaseBasis;
  readonly index: number;
  readonly score: CaseScore;
  readonly peer?: readonly (readonly [label: string, score: CaseScore])[];
}

/** Cases of a class that are done, so that a run which was stopped goes on where it was. */
export class CaseLedger {
  readonly #path: string;
  readonly #basis: CaseBasis;
  readonly #done = new Map<number, Entry>();

  /** Nobody knows what a tree with changes was like: its cases are neither read nor written. */
  constructor(path: string, basis: CaseBasis) {
    this.#path = path;
    this.#basis = basis;
    mkdirSync(dirname(path), { recursive: true });
    for (const entry of this.#changed ? [] : entriesOf(path))
      if (isSame(entry.basis, basis)) this.#done.set(entry.index, entry);
  }

  get #changed(): boolean {
    return this.#basis.revision.endsWith('+');
  }

  /** The case as it was scored; undefined where it was not run. */
  find(own: Case<Master>): ScoredCase | undefined {
    const entry = this.#done.get(own.index);
    return entry && { case: own, score: entry.score, ...(entry.peer && { peer: new Map(entry.peer) }) };
  }

  add({ case: { index }, score, peer }: ScoredCase): void {
    if (this.#changed) return;
    const entry: Entry = { basis: this.#basis, index, score, ...(peer && { peer: [...peer] }) };
    appendFileSync(this.#path, `${JSON.stringify(entry)}\n`);
  }
}

/** A line that was cut off when the run was killed is a case that was not run. */
function entriesOf(path: string): Entry[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  const entries: Entry[] = [];
  for (const line of text.split('\n')) {
    try {
      entries.push(JSON.parse(line) as Entry);
    } catch {
      // The last line, empty or cut off.
    }
  }
  return entries;
}

function isSame(one: CaseBasis, other: CaseBasis): boolean {
  return (
    one.revision === other.revision &&
    one.seed === other.seed &&
    one.lines === other.lines &&
    one.filter === other.filter
  );
}
