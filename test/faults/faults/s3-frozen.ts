import { type Fault, processBound } from '../fault.ts';

/** The server stands still for so many seconds. */
export function frozenServer(shortest: number, longest: number): Fault['strike'] {
  return async ({ s3 }, random) => {
    s3.signal('SIGSTOP');
    return {
      what: 'the server',
      seconds: random.between(shortest, longest),
      heal: async () => s3.signal('SIGCONT'),
    };
  };
}

export default {
  name: 's3-frozen',
  breaks: 'the S3 server stands still (SIGSTOP)',
  promise: 'Results wait on disk, and are in the bucket once each when it goes on.',
  bound: processBound,
  strike: frozenServer(15, 40),
} satisfies Fault;
