import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { renditionNames } from './renditions.ts';

const number = z.number().finite();
const spread = z.strictObject({
  median: number.describe('Middle of the rounds.'),
  spread: z.tuple([number, number]).readonly().describe('Least and most of the rounds.'),
});
const milliseconds = z.record(z.string(), number).describe('ms of CPU per second of media, by what took it.');
const limits = z
  .strictObject({
    stateTransitions: number.optional(),
    lambdaConcurrency: number.optional(),
    machine: number,
  })
  .describe('Streams at which a default quota, or this machine, is used up.');

const ratios = z.strictObject({
  bareDecode: spread.optional(),
  nativeFilters: spread.optional(),
  nativeFiltersSmallSet: spread.optional(),
  distributed: spread.optional().describe('To the baseline at 30 frames a second.'),
});

const distributedRate = z.strictObject({
  frameRate: number,
  ratio: spread,
  milliseconds,
  putCalls: number,
  getCalls: number,
  transitions: number,
  bytesPerFrame: number,
  limits,
});

const perRendition = <T extends z.ZodType>(value: T) => z.partialRecord(z.enum(renditionNames), value);

const renditionFacts = z.strictObject({
  width: number,
  height: number,
  videoKilobits: number,
  seconds: number,
  cutSeconds: number.describe('Length of the cut that the full native set ran on.'),
});

/** Figures of `npm run bench`. A part that was not run is absent; ratios are ours ÷ theirs, of CPU. */
export const benchFileSchema = z.strictObject({
  date: z.iso.date(),
  revision: z.string().describe('Commit, with + where the tree had changes.'),
  command: z.string(),
  machine: z.strictObject({ processor: z.string(), cores: number, node: z.string(), ffmpeg: z.string() }),
  rounds: number,
  renditions: perRendition(renditionFacts),
  ratios: perRendition(ratios),
  milliseconds: perRendition(milliseconds),
  distributed: perRendition(
    z.strictObject({
      monolithMilliseconds: number,
      monolithLimits: limits,
      rates: z.array(distributedRate).readonly(),
    }),
  ),
  streams: z
    .strictObject({
      live: z
        .array(
          z.strictObject({
            streams: number,
            millisecondsPerStream: number,
            megabytes: number,
            blind: number,
          }),
        )
        .readonly(),
      detectors: z
        .array(z.strictObject({ detectors: z.array(z.string()).readonly(), ratio: spread }))
        .readonly(),
    })
    .optional(),
  sharing: perRendition(
    z.array(z.strictObject({ subsets: number, replicated: spread, shared: spread })).readonly(),
  )
    .optional()
    .describe('The bench set in several processes ÷ in one.'),
  latency: z.record(z.string(), z.strictObject({ median: number, p95: number, count: number })).optional(),
  planning: z
    .array(
      z.strictObject({
        streams: number,
        shards: number,
        first: spread,
        unchanged: spread,
        oneMore: spread,
        writes: z.strictObject({ first: number, unchanged: number, oneMore: number }),
      }),
    )
    .readonly()
    .optional(),
});

export type BenchFile = z.infer<typeof benchFileSchema>;

/**
 * Reads the figures of a run; undefined when there is no such file.
 * @throws ZodError when it is none
 */
export async function readBenchFile(path: string): Promise<BenchFile | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : benchFileSchema.parse(JSON.parse(text));
}

/** The file's text, figures to five digits. */
export function benchFileText(file: BenchFile): string {
  const rounded = (_key: string, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(5)) : value;
  return `${JSON.stringify(benchFileSchema.parse(file), rounded, 1)}\n`;
}
