import { type Fault, processBound } from '../fault.ts';

export default {
  name: 'origin-cut',
  breaks: 'the origin of a stream ends its connections, and refuses new ones',
  promise: 'The stream is opened again with growing pauses; an open incident stays the same one.',
  bound: processBound,
  takesStreams: true,
  strike: async ({ paths, streams }, random) => {
    const stream = random.pick(streams);
    const path = paths.origins.get(stream)!;
    path.set('cut');
    return {
      what: stream,
      seconds: random.between(3, 20),
      heal: async () => path.set('pass'),
    };
  },
} satisfies Fault;
