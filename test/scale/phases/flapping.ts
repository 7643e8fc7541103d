import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../accuracy/random.ts';
import type { Phase } from '../phase.ts';
import type { ScaleBed } from '../scale-bed.ts';

const share = 0.01;
/** A stream is lost and found again this often, in ms. */
const half = 5_000;

export const flapping: Phase = {
  name: 'flapping',
  what: `${share * 100} % of the streams are lost and found again each ${(2 * half) / 1000} s`,
  act: async (bed, { flapping: seconds }) => {
    const streams = chosen(bed);
    for (let passed = 0; passed < seconds * 1000; passed += 2 * half) {
      for (const { monitor, name } of streams)
        bed.cluster.shards.setStream(monitor, name, { phase: 'Down', reason: 'Unreachable' });
      await sleep(half);
      for (const { monitor, name } of streams) bed.cluster.shards.setStream(monitor, name);
      await sleep(half);
    }
  },
  isOver: (bed) => bed.worstStreams === 0,
};

function chosen(bed: ScaleBed): { monitor: string; name: string }[] {
  const random = new Random('flapping', bed.seed);
  const all = bed.fleet.flatMap(({ name, streams }) =>
    Array.from({ length: streams }, (_, index) => ({
      monitor: `${bed.namespace}/${name}`,
      name: `stream-${index}`,
    })),
  );
  return Array.from({ length: Math.ceil(all.length * share) }, () => random.pick(all));
}
