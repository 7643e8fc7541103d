import { readdirSync } from 'node:fs';
import type { DefectClass } from './injection.ts';

const directory = new URL('injections/', import.meta.url);

/** Every class of defects: what the files in `injections/` export by default. @throws Error when two have one name */
export async function loadClasses(): Promise<readonly DefectClass[]> {
  const classes: DefectClass[] = [];
  for (const file of readdirSync(directory).sort()) {
    if (!file.endsWith('.ts')) continue;
    const module: { default: readonly DefectClass[] } = await import(new URL(file, directory).href);
    classes.push(...module.default);
  }
  const names = classes.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`two classes are named "${twice}"`);
  return classes;
}
