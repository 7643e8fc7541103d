/**
 * Makes what the model of burned-in corruption is trained on: damaged clips, the same encoded without damage, and
 * clean ones made hard to judge; and of all what the detector sees of them. `burned-in.py` beside it does the rest.
 */
import { appendFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { count } from '../../../cli/options.ts';
import { SeamFeatures } from '../../../monitor/detectors/block-corruption/seam-features.ts';
import { LumaKernels } from '../../../monitor/kernels/luma-kernels.ts';
import { casesOf } from '../cases.ts';
import { loadCleanClasses } from '../classes.ts';
import { readCorpus } from '../corpus.ts';
import burnedIn from '../injections/burned-in.ts';
import { type LumaFrame, lumaFrames } from '../luma-frames.ts';
import { Masters } from '../masters.ts';
import { Random } from '../random.ts';
import { damagedShare } from '../visible-damage.ts';

/** Seconds between the pictures that are looked at, as the detector takes them. */
const interval = 0.2;

await new Command('burned-in')
  .requiredOption('--media <dir>', 'folder of clips with a labels.json')
  .requiredOption('--out <dir>', 'folder for features.jsonl, a line for each damaged or undamaged clip')
  .option('--cases <count>', 'damaged clips', count, 75)
  .option('--lines <count>', 'pictures are scaled down to as many lines', count, 480)
  .option('--seed <number>', 'of all that is left to chance; not that of the accuracy runs', count, 1000)
  .action(async ({ media, out, cases, lines, seed }) => {
    await mkdir(out, { recursive: true });
    const [defect] = burnedIn;
    const { clips } = await readCorpus(media);
    const known = clips.filter(({ natural, damage, picture }) => natural && damage.length === 0 && picture);
    const masters = new Masters({ lines, seconds: 60 }, join(out, 'masters'), 1);
    const hard = (await loadCleanClasses()).flatMap((own) =>
      own.variants.map((variant) => ({ own, variant })),
    );
    const write = (line: object) => appendFile(join(out, 'features.jsonl'), `${JSON.stringify(line)}\n`);
    for (const { index, clip, variant } of casesOf(known, defect!.variants)) {
      if (index >= cases) break;
      const directory = join(out, `case-${index}`);
      await mkdir(directory, { recursive: true });
      const { sound: _, ...master } = await masters.of(clip);
      const random = new Random(seed, defect!.name, index);
      const { events } = await defect!.inject({ master, variant, random, directory });
      const pictures = await described(join(directory, 'damaged.ts'), join(directory, 'clean.ts'));
      await write({ clip: clip.name, variant, events, ...pictures });
      const { own, variant: look } = hard[index % hard.length]!;
      if (own.suits(master)) {
        const made = await own.make({ master, variant: look, random, directory });
        const line = { variant: `${own.name}, ${look}`, clean: await descriptionOf(made.path) };
        await write({ clip: clip.name, events: [], damaged: [], shares: [], ...line });
      }
      await rm(directory, { recursive: true });
      console.log(
        `${index}: ${clip.name}, ${variant}, ${events.filter(({ visible }) => visible).length} events`,
      );
    }
  })
  .parseAsync();

/** Features of both, and the damaged share of the pictures that both have. */
async function described(damaged: string, clean: string) {
  const [one, other] = [new Describer(), new Describer()];
  const shares: (number | undefined)[] = [];
  const reference = lumaFrames(clean);
  for await (const frame of lumaFrames(damaged)) {
    const { value, done } = await reference.next();
    const same = !done && Math.abs(value.time - frame.time) < 0.01 ? value : undefined;
    if (one.frame(frame)) shares.push(same && damagedShare(frame, same));
    if (!done) other.frame(value);
  }
  return { damaged: one.samples, clean: other.samples, shares: shares.map((share) => share ?? null) };
}

async function descriptionOf(path: string) {
  const describer = new Describer();
  for await (const frame of lumaFrames(path)) describer.frame(frame);
  return describer.samples;
}

class Describer {
  readonly samples: { time: number; features: number[] }[] = [];
  readonly #features = new SeamFeatures();
  readonly #kernels = new LumaKernels();
  #plane: number | undefined;
  #next = Number.NEGATIVE_INFINITY;

  /** @returns whether it is one of those that are looked at */
  frame({ time, width, height, luma }: LumaFrame): boolean {
    if (time < this.#next) return false;
    this.#next = time + interval - 0.01;
    this.#plane ??= this.#kernels.allocate(width * height + 16);
    const plane = this.#kernels.plane(this.#plane, width, height);
    plane.data.set(luma);
    const features = this.#features.of(this.#kernels, plane);
    if (features) this.samples.push({ time, features: [...features] });
    return features !== undefined;
  }
}
