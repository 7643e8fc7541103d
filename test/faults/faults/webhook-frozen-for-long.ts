import type { Fault } from '../fault.ts';
import webhookFrozen, { frozenWebhook } from './webhook-frozen.ts';

export default {
  ...webhookFrozen,
  name: 'webhook-frozen-for-long',
  breaks: 'the webhook accepts and never answers, for longer than an attempt may take',
  strike: frozenWebhook(60, 90),
} satisfies Fault;
