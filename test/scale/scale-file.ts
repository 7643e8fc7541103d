import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const number = z.number().finite().nonnegative();

const phase = z.strictObject({
  name: z.string(),
  seconds: number.describe('From its begin until every stream is owned and every StreamMonitor Ready.'),
  recoverySeconds: number.describe('The same from the end of what was done.'),
  writes: number.describe('Of the operator, as the API server counts them; its Lease and Events included.'),
  writesOf: z.record(z.string(), number).describe('By verb and resource.'),
  cpuSeconds: number.describe('Of the operators.'),
  peakMegabytes: number.describe('Most resident memory of one operator, MiB.'),
  moved: number.describe('Streams that changed their shard.'),
  interrupted: number.describe('Streams that were without an owner that runs.'),
  longest: number.describe('Longest time of one without, seconds.'),
});

const run = z.strictObject({
  date: z.iso.date(),
  revision: z.string().describe('Commit, with + where the tree had changes.'),
  command: z.string(),
  machine: z.strictObject({ processor: z.string(), cores: number, node: z.string() }),
  seed: number,
  streams: number,
  monitors: number,
  shards: number,
  phases: z.array(phase).readonly(),
});

/** Figures of `npm run scale`: the last run of each number of streams, the least first. */
export const scaleFileSchema = z.array(run).readonly();

/** What a phase took. */
export type PhaseFigures = z.infer<typeof phase>;
export type ScaleRun = z.infer<typeof run>;

/**
 * Reads the figures; none when there is no such file.
 * @throws ZodError when it is none
 */
export async function readScaleFile(path: string): Promise<readonly ScaleRun[]> {
  const text = await readFile(path, 'utf8').catch(() => '[]');
  return scaleFileSchema.parse(JSON.parse(text));
}

/** The runs with one more, which takes the place of the last with as many streams. */
export function withRun(runs: readonly ScaleRun[], added: ScaleRun): readonly ScaleRun[] {
  return [...runs.filter(({ streams }) => streams !== added.streams), added].sort(
    (a, b) => a.streams - b.streams,
  );
}

/** The file's text, figures to four digits. */
export function scaleFileText(runs: readonly ScaleRun[]): string {
  const rounded = (_key: string, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
  return `${JSON.stringify(scaleFileSchema.parse(runs), rounded, 1)}\n`;
}
