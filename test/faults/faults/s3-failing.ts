import { type Fault, processBound } from '../fault.ts';

export default {
  name: 's3-failing',
  breaks: 'the S3 server answers every request with 500',
  promise: 'Results wait on disk, and are in the bucket once each when it is well again.',
  bound: processBound,
  strike: async ({ paths }, random) => {
    paths.s3.set('failing');
    return {
      what: 'all its connections',
      seconds: random.between(10, 25),
      heal: async () => paths.s3.set('pass'),
    };
  },
} satisfies Fault;
