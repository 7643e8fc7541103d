import { type Fault, processBound } from '../fault.ts';

export default {
  name: 'webhook-frozen',
  breaks: 'the webhook accepts and never answers',
  promise: 'Notifications wait on disk; each arrives in the order of its incident, maybe twice under one id.',
  bound: processBound,
  strike: async ({ paths }, random) => {
    paths.webhook.set('frozen');
    return {
      what: 'all its connections',
      seconds: random.between(15, 40),
      heal: async () => paths.webhook.set('pass'),
    };
  },
} satisfies Fault;
