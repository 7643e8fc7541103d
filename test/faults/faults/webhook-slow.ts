import { type Fault, processBound } from '../fault.ts';

export default {
  name: 'webhook-slow',
  breaks: 'every byte to and from the webhook comes 1.5 s late',
  promise: 'Notifications arrive later.',
  bound: processBound,
  strike: async ({ paths }, random) => {
    paths.webhook.set('slow');
    return {
      what: 'all its connections',
      seconds: random.between(10, 25),
      heal: async () => paths.webhook.set('pass'),
    };
  },
} satisfies Fault;
