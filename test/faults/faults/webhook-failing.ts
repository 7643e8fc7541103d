import { type Fault, processBound } from '../fault.ts';

export default {
  name: 'webhook-failing',
  breaks: 'the webhook answers every request with 500',
  promise: 'Notifications wait on disk and are sent again.',
  bound: processBound,
  strike: async ({ paths }, random) => {
    paths.webhook.set('failing');
    return {
      what: 'all its connections',
      seconds: random.between(10, 25),
      heal: async () => paths.webhook.set('pass'),
    };
  },
} satisfies Fault;
