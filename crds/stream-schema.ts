import { z } from 'zod';
import { cel, dnsLabel, exactlyOne, secretReference, streamUrl } from './fields.ts';

const source = exactlyOne('url', 'urlFrom');

const rendition = z
  .strictObject({
    select: z
      .enum(['highest', 'lowest'])
      .default('highest')
      .describe('Which rendition by bandwidth, among those not above maxHeight: highest or lowest.'),
    maxHeight: z.number().int().min(1).max(8640).optional().describe('Tallest picture to choose, in lines.'),
  })
  .superRefine((value, context) => {
    if (value.select !== 'lowest' || value.maxHeight === undefined) return;
    const message = 'is ignored with select: lowest; remove one of them';
    context.addIssue({ code: 'custom', path: ['maxHeight'], message });
  })
  .meta(
    cel({
      rule: "!has(self.maxHeight) || !has(self.select) || self.select != 'lowest'",
      message: 'maxHeight is ignored with select: lowest; remove one of them',
    }),
  );

/** One entry of `spec.streams`. */
export const streamSchema = z
  .strictObject({
    name: dnsLabel().describe('Name of the stream, unique in its StreamMonitor.'),
    url: streamUrl()
      .optional()
      .describe(
        'Where the stream is: http, https, udp, rtp, srt, rtmp or rtmps. No credentials: see urlFrom.',
      ),
    urlFrom: secretReference()
      .optional()
      .describe('The URL from a Secret, where it carries a token or passphrase.'),
    headersFrom: secretReference()
      .optional()
      .describe('HTTP request headers from a Secret: one "Name: value" a line.'),
    rendition: rendition.prefault({}).describe('Which rendition to watch where the source offers several.'),
    priority: z
      .number()
      .int()
      .min(0)
      .max(1000)
      .default(50)
      .describe('Where capacity is short, streams of the lowest priority are left out first.'),
  })
  .superRefine(source.refine)
  .meta(source.meta);
