import { readdirSync } from 'node:fs';
import type { CleanClass, DefectClass } from './injection.ts';

/** What the files of a folder export by default, one after the other. @throws Error when two have one name */
async function loadAll<C extends { readonly name: string }>(folder: string): Promise<readonly C[]> {
  const directory = new URL(folder, import.meta.url);
  const classes: C[] = [];
  for (const file of readdirSync(directory).sort()) {
    if (!file.endsWith('.ts')) continue;
    const module: { default: readonly C[] } = await import(new URL(file, directory).href);
    classes.push(...module.default);
  }
  const names = classes.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`two classes are named "${twice}"`);
  return classes;
}

/** Every class of defects, from `injections/`. */
export const loadClasses = (): Promise<readonly DefectClass[]> => loadAll('injections/');

/** Every class of clips without a defect, from `clean/`. */
export const loadCleanClasses = (): Promise<readonly CleanClass[]> => loadAll('clean/');

/**
 * The classes of a list with commas, such as `freeze,lost packets, random`: names may have commas themselves.
 * @throws Error that names what is no class
 */
export function classesIn(list: string, known: readonly string[]): readonly string[] {
  const parts = list.split(',');
  const names: string[] = [];
  for (let from = 0; from < parts.length; ) {
    const ends = parts.map((_, end) => end + 1).filter((end) => end > from);
    const named = (end: number) => parts.slice(from, end).join(',').trim();
    const end = ends.findLast((own) => known.includes(named(own)));
    if (end === undefined)
      throw new Error(`--class: "${named(from + 1)}" is not a class; there are: ${known.join('; ')}`);
    names.push(named(end));
    from = end;
  }
  return names;
}
