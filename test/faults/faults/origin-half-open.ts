import { type Fault, silenceBound } from '../fault.ts';

export default {
  name: 'origin-half-open',
  breaks: 'the connection to the origin of a stream is dead, and nobody is told',
  promise: 'The stream is opened again; an open incident stays the same one.',
  bound: silenceBound,
  strike: async ({ paths, streams }, random) => {
    const stream = random.pick(streams);
    paths.origins.get(stream)!.set('half-open');
    return { what: stream, seconds: 0, heal: async () => {} };
  },
} satisfies Fault;
