import { type Fault, processBound } from '../fault.ts';
import { limit } from '../processes.ts';

export default {
  name: 'disk-refuses',
  breaks: 'a monitor can write no more to its disk',
  promise: 'Incidents are told and stored from memory; summaries of minutes are given up, and counted.',
  bound: processBound,
  strike: async (bed, random) => {
    const pod = random.pick(bed.pods);
    const pid = pod.pid!;
    await limit(pid, '--fsize=0:');
    return {
      what: pod.pod.metadata.name,
      seconds: random.between(8, 20),
      heal: () => limit(pid, '--fsize=unlimited:'),
    };
  },
} satisfies Fault;
