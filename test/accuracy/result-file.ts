import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { ClassResult } from './class-result.ts';
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
  readonly classes: readonly (ClassResult & { readonly provenance: Provenance })[];
}

export function provenance(
  { seed, lines }: { readonly seed: number; readonly lines: number },
  { clips }: Corpus,
): Provenance {
  return {
    date: new Date().toISOString().slice(0, 10),
    revision: revision(),
    ffmpeg: output('ffmpeg', '-version').split(' ')[2] ?? 'unknown',
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
  results: readonly ClassResult[],
  own: Provenance,
): Promise<void> {
  const earlier = await readFile(path, 'utf8').then(
    (text) => (JSON.parse(text) as ResultFile).classes,
    () => [],
  );
  const fresh = results.map((result) => ({ ...result, provenance: own }));
  const kept = earlier.filter((result) => !results.some((other) => other.class === result.class));
  const classes = [...kept, ...fresh].sort((one, other) => one.class.localeCompare(other.class));
  await writeFile(path, `${JSON.stringify({ classes } satisfies ResultFile, rounded, 1)}\n`);
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(5)) : value;
}

function revision(): string {
  try {
    const changed = output('git', 'status', '--porcelain', '--untracked-files=no') !== '';
    return output('git', 'rev-parse', '--short', 'HEAD') + (changed ? '+' : '');
  } catch {
    return 'unknown';
  }
}

function output(command: string, ...options: readonly string[]): string {
  return execFileSync(command, options, { encoding: 'utf8' }).trim();
}
