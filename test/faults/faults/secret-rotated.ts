import { type Fault, processBound } from '../fault.ts';

export default {
  name: 'secret-rotated',
  breaks: 'the signing secret of the webhook is rotated while notifications are due',
  promise: 'What is signed with the old one is refused, and sent again with the new one.',
  bound: processBound,
  strike: async ({ there }) => {
    await there.rotateWebhookSecret();
    return { what: 'webhook', seconds: 0, heal: async () => {} };
  },
} satisfies Fault;
