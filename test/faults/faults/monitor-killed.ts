import { type Fault, processBound } from '../fault.ts';

export default {
  name: 'monitor-killed',
  breaks: 'a monitor is killed (SIGKILL)',
  promise:
    'It goes on with its streams under the incidents that it had; nothing that waited is lost or told anew.',
  bound: processBound,
  strike: async (bed, random) => {
    const pod = random.pick(bed.pods);
    pod.signal('SIGKILL');
    return { what: pod.pod.metadata.name, seconds: 0, heal: async () => {} };
  },
} satisfies Fault;
