import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { ClassResult } from './class-result.ts';
import type { CleanResult } from './clean-result.ts';
import type { Corpus } from './corpus.ts';

/** What a figure rests on. */
export interface Provenance {
  /** ISO 8601. */
  readonly date: string;
  /** Commit, with `+` where the tree had changes. */
  readonly revision: string;
  readonly ffmpeg: string;
  readonly processor: string;
  readonly clips: number;
  /** Of all clips, as they are. */
  readonly clipSeconds: number;
  readonly seed: number;
  readonly lines: number;
}

/** The JSON file: each class with what its figures rest on, as classes may be run one by one. */
export interface ResultFile {
  readonly classes: readonly Based<ClassResult>[];
  readonly clean: readonly Based<CleanResult>[];
}

export type Based<R> = R & { readonly provenance: Provenance };

export function provenance(
  { seed, lines }: { readonly seed: number; readonly lines: number },
  { clips }: Corpus,
): Provenance {
  return {
    date: new Date().toISOString().slice(0, 10),
    revision: revision(),
    ffmpeg: commandOutput('ffmpeg', '-version').split(' ')[2] ?? 'unknown',
    processor: cpus()[0]?.model ?? 'unknown',
    clips: clips.length,
    clipSeconds: Math.round(clips.reduce((seconds, { duration }) => seconds + duration, 0)),
    seed,
    lines,
  };
}

/** Puts these results in the place of those of the same class; the others stay. */
export async function writeResults(
  path: string,
  { classes, clean }: { readonly classes: readonly ClassResult[]; readonly clean: readonly CleanResult[] },
  own: Provenance,
): Promise<void> {
  const earlier = await readResults(path);
  const file: ResultFile = {
    classes: replaced(earlier.classes, classes, own),
    clean: replaced(earlier.clean, clean, own),
  };
  await writeFile(path, `${JSON.stringify(file, rounded, 1)}\n`);
}

/** Nothing, where there is no such file yet. */
export async function readResults(path: string): Promise<ResultFile> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? { classes: [], clean: [] } : (JSON.parse(text) as ResultFile);
}

function replaced<R extends { readonly class: string }>(
  earlier: readonly Based<R>[],
  fresh: readonly R[],
  provenance: Provenance,
): readonly Based<R>[] {
  const kept = earlier.filter((result) => !fresh.some((other) => other.class === result.class));
  const all = [...kept, ...fresh.map((result) => ({ ...result, provenance }))];
  return all.sort((one, other) => one.class.localeCompare(other.class));
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(5)) : value;
}

/** Commit of the tree, with `+` where it has changes. */
export function revision(): string {
  try {
    const changed = commandOutput('git', 'status', '--porcelain', '--untracked-files=no') !== '';
    return commandOutput('git', 'rev-parse', '--short', 'HEAD') + (changed ? '+' : '');
  } catch {
    return 'unknown';
  }
}

/** What a command prints, without the space around it. */
export function commandOutput(command: string, ...options: readonly string[]): string {
  return execFileSync(command, options, { encoding: 'utf8' }).trim();
}
