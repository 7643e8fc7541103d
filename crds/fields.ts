import { z } from 'zod';
import { durationPattern, durationSeconds } from './duration.ts';
import { StreamUrl } from './stream-url.ts';

/** One validation rule of the API server, in the Common Expression Language. */
export interface CelRule {
  readonly rule: string;
  readonly message: string;
}

/** Attaches CEL rules to a field of the CRD; the same check must stand in the schema itself, with the message. */
export function cel(...rules: CelRule[]): { 'x-kubernetes-validations': CelRule[] } {
  return { 'x-kubernetes-validations': rules };
}

const labelPattern = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
/** A DNS label (RFC 1123 §2.1): the form of names that become label values, file names and paths. */
export const dnsLabelPattern = new RegExp(`^${labelPattern}$`);
const dnsSubdomainPattern = new RegExp(`^${labelPattern}(\\.${labelPattern})*$`);

/** A language tag as BCP 47 writes it, as far as languages are told apart by it: `de`, `pt-BR`. */
export const languagePattern = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/;

/** A name that must be a DNS label. */
export const dnsLabel = () =>
  z.string().min(1).max(63).regex(dnsLabelPattern, {
    error: 'must be lower-case letters, digits and "-", beginning and ending with a letter or digit',
  });

/** A name that must be a DNS subdomain; `what` it names, with an example. */
export const dnsSubdomain = (what: string) =>
  z
    .string()
    .min(1)
    .max(253)
    .regex(dnsSubdomainPattern, { error: `must be the name of ${what}` });

/** A reference to one key of a Secret in the same namespace. The value itself is never part of the API. */
export const secretReference = () =>
  z.strictObject({
    secretKeyRef: z
      .strictObject({
        name: dnsSubdomain('a Secret, such as live-keys').describe(
          'Name of the Secret, in the namespace of the StreamMonitor.',
        ),
        key: z
          .string()
          .min(1)
          .max(253)
          .regex(/^[-._a-zA-Z0-9]+$/, {
            error: 'must be a key of the Secret: letters, digits, "-", "_", "."',
          })
          .describe('Key within the Secret.'),
      })
      .describe('The Secret and its key.'),
  });

/** A duration text between two bounds, each written as a duration. */
export function duration(minimum: string, maximum: string) {
  const [least, most] = [durationSeconds(minimum), durationSeconds(maximum)];
  return z
    .string()
    .max(32)
    .regex(durationPattern, {
      error: 'must be a duration with a unit, such as 45ms, 2s or 1m30s',
      abort: true,
    })
    .refine((text) => durationSeconds(text) >= least && durationSeconds(text) <= most, {
      error: `must be from ${minimum} to ${maximum}`,
    })
    .meta(
      cel({
        rule: `duration(self) >= duration('${minimum}') && duration(self) <= duration('${maximum}')`,
        message: `must be from ${minimum} to ${maximum}`,
      }),
    );
}

/** URL of a stream, without credentials; the rules of `StreamUrl`. */
export const streamUrl = () =>
  z
    .string()
    .min(1)
    .max(2048)
    .superRefine((text, context) => {
      try {
        new StreamUrl(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
      }
    })
    .meta(
      cel(
        {
          rule: "self.matches('(?i)^(https?|udp|rtp|srt|rtmps?|rtsps?)://')",
          message: 'must begin with http, https, udp, rtp, srt, rtmp, rtmps, rtsp or rtsps and ://',
        },
        {
          rule: "!self.matches('^[^/]*//[^/?#]*@')",
          message: 'contains a user name or password; give credentials with headersFrom or urlFrom',
        },
        {
          rule: "!self.matches('(?i)^(udp|rtp|srt):') || self.matches('^[^/]*//[^/?#]*:[0-9]+([/?#]|$)')",
          message: 'has no port; write it like udp://239.0.0.1:5000 or srt://host:9000',
        },
      ),
    );

/** An HTTP address without credentials. */
export const httpUrl = () =>
  z
    .string()
    .min(1)
    .max(2048)
    .superRefine((text, context) => {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      const message =
        url === undefined
          ? 'is not a URL; write it like https://host/path'
          : url.protocol !== 'http:' && url.protocol !== 'https:'
            ? `has the scheme "${url.protocol.slice(0, -1)}"; supported are http, https`
            : url.username || url.password
              ? 'contains a user name or password; keep credentials in a Secret'
              : undefined;
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .meta(
      cel(
        { rule: "self.matches('(?i)^https?://')", message: 'must begin with http:// or https://' },
        {
          rule: "!self.matches('^[^/]*//[^/?#]*@')",
          message: 'contains a user name or password; keep credentials in a Secret',
        },
      ),
    );

/** A date with a time of day and an offset, as RFC 3339 writes it. */
export const dateTime = () =>
  z
    .string()
    .max(64)
    .refine((text) => dateTimePattern.test(text) && !Number.isNaN(Date.parse(text)), {
      error: 'must be a date and time with an offset, such as 2026-06-11T18:00:00Z',
    })
    .meta({ format: 'date-time' });
const dateTimePattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** Requires at least one of two fields. */
export function atLeastOne(first: string, second: string) {
  const message = `needs ${first} or ${second}`;
  return {
    refine: (value: object, context: z.core.$RefinementCtx<unknown>): void => {
      if ([first, second].every((name) => value[name as never] === undefined))
        context.addIssue({ code: 'custom', message });
    },
    meta: cel({ rule: `has(self.${first}) || has(self.${second})`, message }),
  };
}

/** Requires exactly one of two fields; `fields` are described by the object they stand in. */
export function exactlyOne(first: string, second: string) {
  return {
    refine: (value: object, context: z.core.$RefinementCtx<unknown>): void => {
      const given = [first, second].filter((name) => name in value && value[name as never] !== undefined);
      if (given.length === 1) return;
      const message =
        given.length === 0 ? `needs ${first} or ${second}` : `has both ${first} and ${second}; keep one`;
      context.addIssue({ code: 'custom', message });
    },
    meta: cel({
      rule: `has(self.${first}) != has(self.${second})`,
      message: `exactly one of ${first} and ${second} is needed`,
    }),
  };
}
