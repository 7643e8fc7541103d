import { type Fault, processBound } from '../fault.ts';

/** Its connections are held for so many seconds. */
export function frozenWebhook(shortest: number, longest: number): Fault['strike'] {
  return async ({ paths }, random) => {
    paths.webhook.set('frozen');
    return {
      what: 'all its connections',
      seconds: random.between(shortest, longest),
      heal: async () => paths.webhook.set('pass'),
    };
  };
}

export default {
  name: 'webhook-frozen',
  breaks: 'the webhook accepts and never answers',
  promise: 'Notifications wait on disk; each arrives in the order of its incident, maybe twice under one id.',
  bound: processBound,
  strike: frozenWebhook(15, 40),
} satisfies Fault;
