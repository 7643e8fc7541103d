import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CleanClass } from './injection.ts';
import type { Master } from './master.ts';
import { Random } from './random.ts';
import { isExcused } from './scoring.ts';
import { type WatchedIncident, watch } from './watching.ts';

/** A clip without a defect that was watched by all detectors that are on by default. */
export interface CleanCase {
  readonly clip: string;
  readonly variant: string;
  readonly seconds: number;
  readonly falseAlarms: readonly WatchedIncident[];
  /** Incidents that nobody can say of whether they are right, by detector. */
  readonly excused: readonly WatchedIncident[];
}

export interface CleanRunOptions {
  readonly seed: number;
  readonly parallel: number;
  readonly scratch: string;
  /** Told of each case when it is done, in any order. */
  onCase(done: CleanCase): void;
}

/** Every clip that suits the class, in every variant. @throws Error when a tool fails, naming the case */
export async function runCleanClass(
  own: CleanClass,
  masters: readonly Master[],
  { seed, parallel, scratch, onCase }: CleanRunOptions,
): Promise<readonly CleanCase[]> {
  const cases = masters
    .filter((master) => own.suits(master))
    .flatMap((master) => own.variants.map((variant) => ({ master, variant })));
  const done: CleanCase[] = [];
  const queue = cases.entries();
  const work = async (): Promise<void> => {
    for (const [index, { master, variant }] of queue) {
      const directory = join(scratch, `${own.name.replaceAll(/[^a-z0-9]+/gi, '-')}-${index}`);
      await mkdir(directory, { recursive: true });
      const random = new Random(seed, own.name, master.clip.name, variant);
      try {
        const { path, excluded } = await own.make({ master, variant, random, directory });
        const { incidents, seconds } = await watch(path, {});
        const isNatural = ({ detector, start, end }: WatchedIncident) =>
          isExcused([start, end], excluded[detector] ?? []);
        done[index] = {
          ...{ clip: master.clip.name, variant, seconds },
          falseAlarms: incidents.filter((incident) => !isNatural(incident)),
          excused: incidents.filter(isNatural),
        };
      } catch (error) {
        throw new Error(`${own.name} (${master.clip.name}, ${variant})`, { cause: error });
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
      onCase(done[index]);
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return done;
}
