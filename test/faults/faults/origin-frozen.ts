import { type Fault, silenceBound } from '../fault.ts';

export default {
  name: 'origin-frozen',
  breaks: 'nothing comes from the origin of a stream, and its connections stay',
  promise: 'As when it ends them.',
  bound: silenceBound,
  takesStreams: true,
  strike: async ({ paths, streams }, random) => {
    const stream = random.pick(streams);
    const path = paths.origins.get(stream)!;
    path.set('frozen');
    return {
      what: stream,
      seconds: random.between(3, 20),
      heal: async () => path.set('pass'),
    };
  },
} satisfies Fault;
