import { type Fault, processBound } from '../fault.ts';
import { limit } from '../processes.ts';

export default {
  name: 'disk-refuses',
  breaks: 'a monitor can write no more to its disk',
  promise: 'What is to be told is told from memory; results are written again when the disk takes them.',
  bound: processBound,
  strike: async (bed, random) => {
    const pod = random.pick(bed.pods);
    const pid = pod.pid!;
    await limit(pid, '--fsize=0');
    return {
      what: pod.pod.metadata.name,
      seconds: random.between(8, 20),
      // One that ends of it is what the ledger is for.
      heal: () => limit(pid, '--fsize=unlimited').catch(() => {}),
    };
  },
} satisfies Fault;
