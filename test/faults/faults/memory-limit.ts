import { type Fault, processBound } from '../fault.ts';
import { limit, writableMemory } from '../processes.ts';

export default {
  name: 'memory-limit',
  breaks: 'a monitor gets no more memory',
  promise: 'It ends, and the next one goes on under the incidents that it had.',
  bound: processBound,
  strike: async (bed, random) => {
    const pod = random.pick(bed.pods);
    const pid = pod.pid!;
    // Less than it has: nothing that it gives back comes again.
    await limit(pid, `--data=${Math.floor((await writableMemory(pid)) / 2)}:`);
    return {
      what: pod.pod.metadata.name,
      seconds: random.between(8, 15),
      heal: () => limit(pid, '--data=unlimited:'),
    };
  },
} satisfies Fault;
