import { expect, it } from 'vitest';
import type { ConverterEnd } from '../../../monitor/converter/converter.ts';
import { sessionFailure } from '../../../monitor/watch/session-failure.ts';

const end: ConverterEnd = {
  sourceEnded: false,
  ffmpegMissing: false,
  crashed: false,
  decoded: false,
  failures: new Set(),
};
const circumstances = { silent: false, wrongKey: true, faulty: false, openedByFfmpeg: false };

it.each([
  ['WrongKey', {}, {}],
  ['FfmpegMissing', { ffmpegMissing: true }, {}],
  ['FfmpegFailed', { crashed: true, error: 'killed' }, {}],
  ['InternalError', {}, { faulty: true }],
] as const)('decrypted media of which nothing was decoded: %s', (reason, ofEnd, more) => {
  expect(sessionFailure({ ...end, ...ofEnd }, { ...circumstances, ...more })).toMatchObject({ reason });
});
