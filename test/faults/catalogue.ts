import { readdir } from 'node:fs/promises';
import type { Fault } from './fault.ts';

const folder = new URL('./faults/', import.meta.url);

/**
 * Every fault, by the order of their names.
 * @throws Error when a file holds none, or one of another name
 */
export async function loadFaults(): Promise<readonly Fault[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts')).sort();
  return Promise.all(
    files.map(async (file) => {
      const { default: fault } = (await import(new URL(file, folder).href)) as { default?: Fault };
      if (`${fault?.name}.ts` !== file)
        throw new Error(`test/faults/faults/${file} exports no fault of its name`);
      return fault!;
    }),
  );
}
