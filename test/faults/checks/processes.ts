import { eventually } from '../../integration/run-process.ts';
import type { Check } from '../check.ts';
import type { FaultBed } from '../fault-bed.ts';

/** Seconds in which what a fault left over has to be gone. */
const patience = 15;

/** Converters of the monitors, orphans included: a sender has its temporary files elsewhere. */
async function surplus(bed: FaultBed): Promise<string | undefined> {
  const all = (await bed.processes()).filter(({ command }) => command === 'ffmpeg');
  const senders = all.filter(({ parent }) => parent === process.pid);
  const [converters, wanted] = [all.length - senders.length, bed.streams.length];
  return converters === wanted
    ? undefined
    : `${converters} (processes ${all.map(({ pid }) => pid).join(', ')})`;
}

export default {
  name: 'processes',
  afterFault: async (bed) => {
    let found: string | undefined;
    const isWell = async () => {
      found = await surplus(bed);
      return found === undefined;
    };
    return eventually('converters', isWell, patience).then(
      () => [],
      () => [{ expected: `${bed.streams.length} converters, one for each stream`, found: found ?? 'none' }],
    );
  },
} satisfies Check;
