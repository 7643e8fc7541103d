import { type Fault, processBound } from '../fault.ts';

export default {
  name: 's3-killed',
  breaks: 'the S3 server is killed (SIGKILL), and comes back',
  promise:
    'Results wait on disk; an object of which nobody knows whether it arrived is put again under the same key.',
  bound: processBound,
  strike: async ({ s3 }, random) => {
    await s3.stop();
    return { what: 'the server', seconds: random.between(5, 20), heal: () => s3.start() };
  },
} satisfies Fault;
