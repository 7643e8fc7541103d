import { type Fault, processBound } from '../fault.ts';

export default {
  name: 's3-slow',
  breaks: 'every byte to and from the S3 server comes 1.5 s late',
  promise: 'Results arrive later.',
  bound: processBound,
  strike: async ({ paths }, random) => {
    paths.s3.set('slow');
    return {
      what: 'all its connections',
      seconds: random.between(10, 25),
      heal: async () => paths.s3.set('pass'),
    };
  },
} satisfies Fault;
