import { type Fault, processBound } from '../fault.ts';

export default {
  name: 'webhook-frozen-for-long',
  breaks: 'the webhook accepts and never answers, for longer than an attempt may take',
  promise: 'Notifications wait on disk; each arrives in the order of its incident, maybe twice under one id.',
  bound: processBound,
  strike: async ({ paths }, random) => {
    paths.webhook.set('frozen');
    return {
      what: 'all its connections',
      seconds: random.between(60, 90),
      heal: async () => paths.webhook.set('pass'),
    };
  },
} satisfies Fault;
