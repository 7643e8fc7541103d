import { type Fault, processBound } from '../fault.ts';

export default {
  name: 's3-frozen-for-long',
  breaks: 'the S3 server stands still (SIGSTOP) for longer than an attempt may take',
  promise: 'Results wait on disk, and are in the bucket once each when it goes on.',
  bound: processBound,
  strike: async ({ s3 }, random) => {
    s3.signal('SIGSTOP');
    return {
      what: 'the server',
      seconds: random.between(60, 90),
      heal: async () => s3.signal('SIGCONT'),
    };
  },
} satisfies Fault;
