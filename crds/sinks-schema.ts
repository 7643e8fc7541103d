import { z } from 'zod';
import { exactlyOne, httpUrl, secretReference } from './fields.ts';

const receiverAddress = exactlyOne('url', 'urlFrom');

/** A webhook: who is told of incidents. */
export const webhookSchema = z
  .strictObject({
    url: httpUrl().optional().describe('Address that receives the events: http or https, no credentials.'),
    urlFrom: secretReference().optional().describe('The address from a Secret, where it carries a token.'),
    secretFrom: secretReference()
      .optional()
      .describe('Signing secret in the form of Standard Webhooks (whsec_ and base64). Unsigned without.'),
    headersFrom: secretReference()
      .optional()
      .describe('HTTP request headers from a Secret: one "Name: value" a line.'),
  })
  .superRefine(receiverAddress.refine)
  .meta(receiverAddress.meta);

/** An Alertmanager of version 0.16 or newer, which speaks API v2. */
export const alertmanagerSchema = z
  .strictObject({
    url: httpUrl()
      .optional()
      .describe('Address of the Alertmanager, such as http://alertmanager:9093: /api/v2/alerts is added.'),
    urlFrom: secretReference().optional().describe('The address from a Secret, where it carries a token.'),
    headersFrom: secretReference()
      .optional()
      .describe('HTTP request headers from a Secret: one "Name: value" a line.'),
    pageUrl: httpUrl()
      .optional()
      .describe(
        'Address at which people reach the live page: alerts link to the stream and its picture there.',
      ),
  })
  .superRefine(receiverAddress.refine)
  .meta(receiverAddress.meta);

/** An S3 bucket: where incidents and summaries are kept. */
export const s3Schema = z.strictObject({
  bucket: z
    .string()
    .min(3)
    .max(63)
    .regex(/^[a-z0-9][-a-z0-9.]*[a-z0-9]$/, { error: 'must be the name of a bucket, such as live-results' })
    .describe('Bucket that receives the results.'),
  prefix: z.string().max(512).default('').describe('Put before every key, such as live/.'),
  region: z.string().min(1).max(64).optional().describe('Region of the bucket, such as eu-west-1.'),
  endpoint: httpUrl().optional().describe('Address of a store that speaks S3; AWS without.'),
  forcePathStyle: z
    .boolean()
    .default(false)
    .describe('Puts the bucket into the path instead of the host name, as most other stores need.'),
  credentialsFrom: secretReference()
    .optional()
    .describe(
      'Credentials from a Secret: JSON with accessKeyId and secretAccessKey, or an AWS credentials file. ' +
        'The identity of the pod without.',
    ),
});
