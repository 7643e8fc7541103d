import { type Fault, processBound } from '../fault.ts';

export default {
  name: 'monitor-stopped',
  breaks: 'a monitor stands still (SIGSTOP), as one whose event loop is blocked',
  promise: 'It goes on where it stood.',
  bound: processBound,
  takesStreams: true,
  strike: async (bed, random) => {
    const pod = random.pick(bed.pods);
    pod.signal('SIGSTOP');
    return {
      what: pod.pod.metadata.name,
      // Under the grace after which the operator takes a shard for lost.
      seconds: random.between(2, 4),
      heal: async () => pod.signal('SIGCONT'),
    };
  },
} satisfies Fault;
