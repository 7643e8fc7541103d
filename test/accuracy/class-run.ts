import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaseLedger } from './case-ledger.ts';
import { type Case, casesOf } from './cases.ts';
import type { DefectClass, Injected } from './injection.ts';
import type { Master } from './master.ts';
import { Random } from './random.ts';
import { type CaseScore, scoreSpans, scoreWatched } from './scoring.ts';
import type { Span } from './spans.ts';
import { watch } from './watching.ts';

/** Spans that a peer finds in a file, by the label of its setting. */
export type PeerSpans = (injected: Injected) => Promise<ReadonlyMap<string, readonly Span[]>>;

export interface ClassRunOptions {
  /** Visible events wanted. */
  readonly events: number;
  readonly seed: number;
  /** Cases at the same time. */
  readonly parallel: number;
  /** Folder for the damaged clips. */
  readonly scratch: string;
  /** Where the peer has something for this class. */
  readonly peer?: PeerSpans | undefined;
  /** Cases that an earlier run has done. */
  readonly ledger?: CaseLedger | undefined;
  /** Told of each case when it is done, in any order. */
  onCase(scored: ScoredCase): void;
}

export interface ScoredCase {
  readonly case: Case<Master>;
  readonly score: CaseScore;
  /** By the label of the peer's setting. */
  readonly peer?: ReadonlyMap<string, CaseScore>;
}

/**
 * Injects and watches until the class has its events: the first cases, in their order, that hold as many. The same
 * seed gives the same cases, however many run at once.
 * @throws Error when a tool fails, naming the case
 */
export async function runClass(
  defect: DefectClass,
  masters: readonly Master[],
  options: ClassRunOptions,
): Promise<readonly ScoredCase[]> {
  const cases = casesOf(
    masters.filter((master) => defect.suits(master)),
    defect.variants,
    // Nothing is left to chance in what is damaged already.
    ...(defect.damaged ? [1] : []),
  );
  const done: ScoredCase[] = [];
  const work = async (): Promise<void> => {
    for (const own of cases) {
      const scored = options.ledger?.find(own) ?? (await newCase(defect, own, options));
      done[own.index] = scored;
      options.onCase(scored);
      if (enough(done, options.events) !== undefined) return;
    }
  };
  await Promise.all(Array.from({ length: options.parallel }, work));
  return done.slice(0, enough(done, options.events) ?? done.length);
}

/** How many cases from the first on hold the events; undefined while one of them is not done, or they do not. */
function enough(done: readonly (ScoredCase | undefined)[], events: number): number | undefined {
  let held = 0;
  for (let index = 0; index < done.length; index++) {
    const scored = done[index];
    if (!scored) return undefined;
    held += scored.score.events;
    if (held >= events) return index + 1;
  }
  return undefined;
}

async function newCase(
  defect: DefectClass,
  own: Case<Master>,
  options: ClassRunOptions,
): Promise<ScoredCase> {
  const scored = await runCase(defect, own, options);
  options.ledger?.add(scored);
  return scored;
}

async function runCase(
  defect: DefectClass,
  own: Case<Master>,
  { seed, scratch, peer }: ClassRunOptions,
): Promise<ScoredCase> {
  const directory = join(scratch, `${defect.name.replaceAll(/[^a-z0-9]+/gi, '-')}-${own.index}`);
  await mkdir(directory, { recursive: true });
  const master = own.clip;
  const random = new Random(seed, defect.name, own.index, master.clip.name, own.variant);
  try {
    const injected = await defect.inject({ master, variant: own.variant, random, directory });
    const watched = await watch(injected.path, {
      detectors: [defect.detector, ...(defect.beside ?? [])],
      ...(injected.reference !== undefined && { reference: injected.reference }),
      ...(defect.parameters && { parameters: { [defect.detector]: defect.parameters } }),
    });
    const spans = await peer?.(injected);
    return {
      case: own,
      score: scoreWatched(defect, injected, watched),
      ...(spans && {
        peer: new Map([...spans].map(([label, found]) => [label, scoreSpans(defect, injected, found)])),
      }),
    };
  } catch (error) {
    throw new Error(`${defect.name}, case ${own.index} (${master.clip.name}, ${own.variant})`, {
      cause: error,
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
