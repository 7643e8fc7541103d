/** How well the detectors find what is injected into real clips, beside ffmpeg's own filters. */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { count } from '../../cli/options.ts';
import { CaseLedger } from './case-ledger.ts';
import { type ClassResult, resultOf } from './class-result.ts';
import { runClass, type ScoredCase } from './class-run.ts';
import { classesIn, loadClasses, loadCleanClasses } from './classes.ts';
import { type CleanResult, cleanResultOf } from './clean-result.ts';
import { type CleanCase, runCleanClass } from './clean-run.ts';
import { type Clip, readCorpus } from './corpus.ts';
import type { CleanClass, DefectClass } from './injection.ts';
import { asReceived, type Master } from './master.ts';
import { Masters } from './masters.ts';
import { peerFor } from './peer.ts';
import { provenance, revision, writeResults } from './result-file.ts';
import { cleanTable, table } from './table.ts';

interface Options {
  readonly media: string;
  readonly events: number;
  readonly seed: number;
  readonly class?: string;
  readonly json?: string;
  readonly peer?: 'ffmpeg';
  readonly lines: number;
  readonly parallel: number;
  readonly keep?: string;
}

/** Seconds that a master has at least. */
const masterSeconds = 60;

await new Command('accuracy')
  .description('inject defects into real clips, watch them, and count what is found, missed and false')
  .option('--media <dir>', 'folder of clips with a labels.json', join(import.meta.dirname, '../media'))
  .option('--events <count>', 'visible events a class', count, 300)
  .option('--seed <number>', 'of all that is left to chance', count, 1)
  .option('--class <names>', 'only these classes, such as freeze,black')
  .option('--json <file>', 'write the figures there; classes that did not run keep those they have')
  .addOption(new Option('--peer <name>', 'count what others find in the same files').choices(['ffmpeg']))
  .option('--lines <count>', 'pictures are scaled down to as many lines', count, 480)
  .option('--parallel <count>', 'cases at the same time', count, availableParallelism())
  .option('--keep <dir>', 'clips made ready and cases done stay there, for the next run', (dir) =>
    resolve(dir),
  )
  .addHelpText(
    'after',
    `
All classes with 300 events each take hours. The figures of classes that are done are in the file when it is stopped;
with --keep, the next run of the same commit goes on with the class that was not. Remove that folder when clips change.

Examples:
  npm run accuracy -- --media ~/clips --json accuracy.json --peer ffmpeg
  npm run accuracy -- --class freeze,black --events 20`,
  )
  .action(accuracy)
  .parseAsync()
  .catch((error: unknown) => {
    for (let cause = error; cause instanceof Error; cause = cause.cause) console.error(cause.message);
    process.exitCode = 2;
  });

async function accuracy(options: Options): Promise<void> {
  const [defects, cleans] = chosen([await loadClasses(), await loadCleanClasses()], options.class);
  const corpus = await readCorpus(options.media);
  for (const { name, reason } of corpus.leftOut) console.error(`${name} is left out: ${reason}`);
  const scratch = await mkdtemp(join(tmpdir(), 'streammonitor-accuracy-'));
  const { events, seed, parallel, keep, lines } = options;
  try {
    const masters = new Masters(
      { lines, seconds: masterSeconds },
      join(keep ?? scratch, 'masters'),
      parallel,
    );
    const damaged = corpus.clips.filter(({ damage }) => damage.length > 0).map(asReceived);
    const injects = cleans.length > 0 || defects.some((defect) => !defect.damaged);
    const sources = injects ? await mastersOf(corpus.clips.filter(isKnown), masters) : [];
    const clean: CleanResult[] = [];
    const results: ClassResult[] = [];
    const save = async () => {
      if (options.json)
        await writeResults(options.json, { classes: results, clean }, provenance(options, corpus));
    };
    for (const own of cleans) {
      const onCase = (done: CleanCase) => tellCleanCase(own, done);
      const cases = await runCleanClass(own, sources, { seed, parallel, scratch, onCase });
      if (cases.length === 0) {
        console.error(`${own.name}: no clip suits it`);
        continue;
      }
      clean.push(cleanResultOf(own, cases));
      console.log(cleanTable(clean.slice(-1)));
      await save();
    }
    for (const defect of defects) {
      const onCase = (scored: ScoredCase) => tellCase(defect, scored);
      const peer = options.peer && peerFor(defect);
      const cases = await runClass(defect, defect.damaged ? damaged : sources, {
        ...{ events, seed, parallel, scratch, onCase },
        ...(keep !== undefined && {
          ledger: new CaseLedger(join(keep, `${defect.name.replaceAll(/[^a-z0-9]+/gi, '-')}.jsonl`), {
            ...{ revision: revision(), seed, lines, filter: peer?.filter },
          }),
        }),
        ...(peer && { peer: ({ path, seconds }) => peer.spans(path, seconds) }),
      });
      if (cases.length === 0) {
        console.error(`${defect.name}: no clip suits it`);
        continue;
      }
      results.push(resultOf(defect, cases, { seed, filter: peer?.filter }));
      console.log(table(results.slice(-1)));
      await save();
    }
    if (clean.length > 0) console.log(`\n${cleanTable(clean)}`);
    if (results.length > 0) console.log(`\n${table(results)}`);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Of the clips that ffmpeg can decode. */
async function mastersOf(clips: readonly Clip[], masters: Masters): Promise<Master[]> {
  const made = await Promise.all(
    clips.map((clip) =>
      masters.of(clip).catch((error: Error) => {
        console.error(`${clip.name} is left out: ${error.message.split('\n').at(-1)}`);
        return [];
      }),
    ),
  );
  return made.flat();
}

/** Where nobody has said what is in it by nature, or that it is damaged, nothing can be said of what is found. */
function isKnown({ natural, damage }: Clip): boolean {
  return natural !== undefined && damage.length === 0;
}

/** What was missed or false, with what it takes to see it again. */
function tellCase(defect: DefectClass, { case: { index, clip, variant }, score }: ScoredCase): void {
  const where = `${defect.name} #${index}, ${clip.clip.name}, ${variant}`;
  for (const span of score.missed) console.error(`${where}: missed ${times(span)}`);
  for (const span of score.wrong) console.error(`${where}: false alarm ${times(span)}`);
}

function times([from, to]: readonly [number, number]): string {
  return `${from.toFixed(2)} to ${to.toFixed(2)} s`;
}

function tellCleanCase({ name }: CleanClass, { clip, variant, falseAlarms }: CleanCase): void {
  for (const { detector, kind, start, end } of falseAlarms)
    console.error(
      `${name}, ${clip}, ${variant}: false alarm of ${detector} (${kind}) ${times([start, end])}`,
    );
}

type Named = { readonly name: string };

function chosen<D extends Named, C extends Named>(
  [defects, cleans]: readonly [readonly D[], readonly C[]],
  names: string | undefined,
): readonly [readonly D[], readonly C[]] {
  if (names === undefined) return [defects, cleans];
  const wanted = classesIn(
    names,
    [...defects, ...cleans].map(({ name }) => name),
  );
  const isChosen = ({ name }: Named) => wanted.includes(name);
  return [defects.filter(isChosen), cleans.filter(isChosen)];
}
