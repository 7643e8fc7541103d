import { z } from 'zod';
import { expectSchema } from './expect-schema.ts';
import {
  atLeastOne,
  cel,
  dateTime,
  dnsLabel,
  exactlyOne,
  languagePattern,
  secretReference,
  streamUrl,
} from './fields.ts';
import { longestRenditionSuffix, tallest } from './stream-renditions.ts';

const source = exactlyOne('url', 'urlFrom');

const lines = () => z.number().int().min(1).max(tallest);

const rendition = z
  .strictObject({
    select: z
      .enum(['highest', 'lowest'])
      .default('highest')
      .describe('Which rendition by bandwidth, among those not above maxHeight: highest or lowest.'),
    maxHeight: lines().optional().describe('Tallest picture to choose, in lines.'),
    heights: z
      .array(lines())
      .min(1, { error: 'is empty; name at least one height, or leave it out' })
      .max(8)
      .superRefine(eachOnce)
      .optional()
      .meta({ 'x-kubernetes-list-type': 'set' })
      .describe(
        'Renditions of HLS or DASH with exactly these heights, in lines, each watched as a stream of its own named ' +
          'NAME@1080p. Of several with one height, that of the highest bandwidth. A height that the source does not ' +
          'list is down, and says which it has.',
      ),
  })
  .superRefine(({ select, maxHeight, heights }, context) => {
    const refuse = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message });
    if (heights !== undefined && maxHeight !== undefined)
      refuse('maxHeight', 'is ignored with heights; remove one of them');
    if (select !== 'lowest') return;
    if (maxHeight !== undefined) refuse('maxHeight', 'is ignored with select: lowest; remove one of them');
    if (heights !== undefined) refuse('select', 'must be highest, or be left out, with heights');
  })
  .meta(
    cel(
      {
        rule: "!has(self.maxHeight) || !has(self.select) || self.select != 'lowest'",
        message: 'maxHeight is ignored with select: lowest; remove one of them',
      },
      {
        rule: '!has(self.maxHeight) || !has(self.heights)',
        message: 'maxHeight is ignored with heights; remove one of them',
      },
      {
        rule: "!has(self.heights) || !has(self.select) || self.select == 'highest'",
        message: 'select must be highest, or be left out, with heights',
      },
    ),
  );

function eachOnce(heights: readonly number[], context: z.core.$RefinementCtx<unknown>): void {
  for (const [index, height] of heights.entries()) {
    if (heights.indexOf(height) < index)
      context.addIssue({ code: 'custom', path: [index], message: `${height} stands twice; remove one` });
  }
}

const longestNameWithHeights = 63 - longestRenditionSuffix;
const renditionsOnly = 'is for HLS and DASH over http or https; leave it out';
const oneReader = 'allows one reader, and each of several heights is one; name one height';
const longName = `must have at most ${longestNameWithHeights} characters with rendition.heights, which adds @1080p`;

/** What `rendition.heights` asks of the other fields of its stream. */
const severalRenditions = {
  refine: (
    {
      name,
      url,
      connections,
      rendition: { heights },
    }: {
      name: string;
      url?: string | undefined;
      connections?: number | undefined;
      rendition: { heights?: number[] | undefined };
    },
    context: z.core.$RefinementCtx<unknown>,
  ): void => {
    if (heights === undefined) return;
    const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (name.length > longestNameWithHeights) refuse(['name'], longName);
    if (url !== undefined && !/^https?:/i.test(url)) refuse(['rendition', 'heights'], renditionsOnly);
    if (connections !== undefined && heights.length > 1) refuse(['connections'], oneReader);
  },
  rules: [
    [`self.name.size() <= ${longestNameWithHeights}`, `name ${longName}`],
    ["!has(self.url) || self.url.matches('(?i)^https?:')", `rendition.heights ${renditionsOnly}`],
    ['!has(self.connections) || self.rendition.heights.size() == 1', `connections: 1 ${oneReader}`],
  ].map(([rule, message]) => ({
    rule: `!has(self.rendition) || !has(self.rendition.heights) || ${rule}`,
    message: message!,
  })),
};

const track = exactlyOne('track', 'language');

const audio = z
  .strictObject({
    track: z
      .number()
      .int()
      .min(1)
      .max(64)
      .optional()
      .describe('Number of the audio track, from 1, in the order in which the source lists them.'),
    language: z
      .string()
      .min(2)
      .max(35)
      .regex(languagePattern, {
        error: 'must be a language as BCP 47 writes it, such as de or pt-BR',
      })
      .optional()
      .describe(
        'Language of the audio track, such as de or pt-BR; ISO 639-2 codes such as deu and ger are the same as de. Of ' +
          'several in one language, the default one of the source, or its first. A source without it is down, and ' +
          'says which it has.',
      ),
  })
  .superRefine(track.refine)
  .meta(track.meta);

const bound = atLeastOne('start', 'end');
const order = 'end must be after start';

const window = z
  .strictObject({
    start: dateTime()
      .optional()
      .describe('Watched from then on, such as 2026-06-11T18:00:00Z; at once without.'),
    end: dateTime().optional().describe('Watched until then; for ever without.'),
  })
  .superRefine(bound.refine)
  .superRefine(({ start, end }, context) => {
    if (start === undefined || end === undefined || Date.parse(end) > Date.parse(start)) return;
    context.addIssue({ code: 'custom', path: ['end'], message: 'must be after start' });
  })
  .meta(
    cel(...bound.meta['x-kubernetes-validations'], {
      rule: '!has(self.start) || !has(self.end) || self.end > self.start',
      message: order,
    }),
  );

const reference = z
  .strictObject({
    url: streamUrl().optional().describe('Where the reference is, as the url of a stream.'),
    urlFrom: secretReference()
      .optional()
      .describe('The URL from a Secret, where it carries a token or passphrase.'),
    headersFrom: secretReference()
      .optional()
      .describe('HTTP request headers from a Secret: one "Name: value" a line.'),
  })
  .superRefine(source.refine)
  .meta(source.meta);

/** One entry of `spec.streams`. */
export const streamSchema = z
  .strictObject({
    name: dnsLabel().describe('Name of the stream, unique in its StreamMonitor.'),
    url: streamUrl()
      .optional()
      .describe(
        'Where the stream is: http, https, udp, rtp, srt, rtmp, rtmps, rtsp or rtsps. No credentials: see urlFrom.',
      ),
    urlFrom: secretReference()
      .optional()
      .describe(
        'The URL from a Secret, where it carries a token or passphrase, or for RTSP a user name and password.',
      ),
    headersFrom: secretReference()
      .optional()
      .describe('HTTP request headers from a Secret: one "Name: value" a line.'),
    decryption: z
      .strictObject({
        keyFrom: secretReference().describe(
          'Key of the segments from a Secret, as 32 hexadecimal digits, or several as one KEYID:KEY a line.',
        ),
      })
      .optional()
      .describe(
        'Key of HLS or DASH that is encrypted for a licence system (Common Encryption, SAMPLE-AES). Keys that an ' +
          'HLS playlist itself leads to need nothing.',
      ),
    reference: reference
      .optional()
      .describe(
        'The same programme from elsewhere, such as its contribution, to compare the stream with: A/V offset on any ' +
          'content, and wrong pictures or sound. At most a minute before or after the stream. It is decoded too.',
      ),
    rendition: rendition.prefault({}).describe('Which rendition to watch where the source offers several.'),
    audio: audio
      .optional()
      .describe(
        'Which of several audio tracks to watch; the default one of the source, or its first, without.',
      ),
    priority: z
      .number()
      .int()
      .min(0)
      .max(1000)
      .default(50)
      .describe('Where capacity is short, streams of the lowest priority are left out first.'),
    connections: z
      .number()
      .int()
      .min(1)
      .max(1, { error: 'must be 1, or be left out where the source allows several readers' })
      .optional()
      .describe(
        'Write 1 where the source allows one reader. The stream then changes pods with a gap of some seconds, ' +
          'counted as blind; otherwise two pods read it for a moment.',
      ),
    window: window
      .optional()
      .describe('When the stream is live: it is watched only then, and at all times without.'),
    expect: expectSchema
      .optional()
      .describe(
        'When a still, black or silent stream is no defect: it is recorded as suppressed, with the reason, and alarms nobody.',
      ),
  })
  .superRefine(source.refine)
  .superRefine(severalRenditions.refine)
  .meta(cel(...source.meta['x-kubernetes-validations'], ...severalRenditions.rules));
