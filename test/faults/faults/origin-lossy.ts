import { type Fault, processBound } from '../fault.ts';

export default {
  name: 'origin-lossy',
  breaks: 'packets from the origin of a stream are lost and sent again 0.4 s later (TCP)',
  promise: 'Nothing but the delay.',
  bound: processBound,
  strike: async ({ paths, streams }, random) => {
    const stream = random.pick(streams);
    const path = paths.origins.get(stream)!;
    path.set('lossy', random);
    return {
      what: stream,
      seconds: random.between(8, 20),
      heal: async () => path.set('pass'),
    };
  },
} satisfies Fault;
