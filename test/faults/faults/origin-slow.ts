import { type Fault, processBound } from '../fault.ts';

export default {
  name: 'origin-slow',
  breaks: 'everything from the origin of a stream comes 1.5 s late',
  promise: 'Nothing but the delay.',
  bound: processBound,
  strike: async ({ paths, streams }, random) => {
    const stream = random.pick(streams);
    const path = paths.origins.get(stream)!;
    path.set('slow');
    return {
      what: stream,
      seconds: random.between(8, 20),
      heal: async () => path.set('pass'),
    };
  },
} satisfies Fault;
