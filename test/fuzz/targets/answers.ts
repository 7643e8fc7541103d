import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { plain, resultOf } from '../../../monitor/actions/action-answer.ts';
import { FfmpegLog } from '../../../monitor/converter/ffmpeg-log.ts';
import { addressPolicy } from '../../../monitor/ingress/address-policy.ts';
import { verdictOf } from '../../../monitor/notifications/response-policy.ts';
import { damagedText, hostileNumber, hostileText } from '../mutations.ts';
import { type FuzzTarget, never } from '../target.ts';

const log = `[info] Input #0, mpegts, from 'tcp://127.0.0.1:1':
[info]   Duration: N/A, start: 1.400000, bitrate: N/A
[info]   Stream #0:0[0x100](deu): Video: h264 (High) ([27][0][0][0] / 0x001B), yuv420p, 1920x1080 [SAR 1:1 DAR 16:9], 25 fps
[info]   Stream #0:1[0x101](eng): Audio: aac (LC), 48000 Hz, stereo, fltp, 128 kb/s
[info] Stream mapping:
[error] [h264 @ 0x1] error while decoding MB 12 13, bytestream -5
[error] rtsp://user:pass@host/stream: Server returned 401 Unauthorized
[info] Output #0, nut, to 'unix:/tmp/x':`;

/** An answer of a webhook as undici gives it. */
function answer(input: Buffer): Pick<Dispatcher.ResponseData, 'headers' | 'body'> {
  const [first = '', ...rest] = input.toString().split('\n');
  const body = Object.assign(Readable.from([Buffer.from(rest.join('\n'))]), { dump: async () => {} });
  return {
    headers: {
      'content-type': 'application/json',
      'content-length': first,
      ...(rest.length > 8 && { 'streammonitor-result': first }),
    },
    body: body as unknown as Dispatcher.ResponseData['body'],
  };
}

export const answers: readonly FuzzTarget[] = [
  {
    name: 'webhook-answer',
    input: (random) =>
      damagedText(random, `12\n${JSON.stringify({ result: `done ${hostileText(random)}` })}`, [
        ...[
          hostileText(random),
          hostileNumber(random),
          `{"result":"${'x'.repeat(random.whole(0, 9000))}"}`,
          '{"result":[[]]}',
        ],
        `${'a/b'.repeat(random.whole(0, 3000))}`,
      ]),
    run: async (input) => {
      const text = input.toString();
      const result = await resultOf(answer(input), AbortSignal.timeout(1000));
      for (const told of [plain(text), result]) {
        if (told !== undefined && [...told].length > 100)
          throw new RangeError('a longer result than is kept');
      }
      verdictOf(text.length % 600, text, 0);
    },
    allows: never,
  },
  {
    name: 'ffmpeg-log',
    input: (random) =>
      damagedText(random, log, [
        ...[
          hostileText(random),
          `[info]   Duration: N/A, start: ${hostileNumber(random)}`,
          '[error] '.repeat(2000),
        ],
        `[info]   Stream #0:0: Video: h264, ${hostileNumber(random)}x${hostileNumber(random)}, ${hostileNumber(random)} fps`,
        `[info]   Stream #0:1(${hostileText(random)}): Audio: aac, ${hostileNumber(random)} Hz, ${hostileText(random)}`,
      ]),
    run: (input) => {
      const reader = new FfmpegLog();
      for (const line of input.toString().split('\n')) reader.read(line);
      void reader.media;
      if (reader.lastError?.includes('://user:pass')) throw new Error('an address in what is told');
    },
    allows: never,
  },
  {
    name: 'address',
    input: (random) =>
      Buffer.from(
        random.chance(0.5) ? hostileText(random) : `${hostileNumber(random)}.${hostileNumber(random)}`,
      ),
    run: (input) => {
      const text = input.toString();
      addressPolicy([])(text);
      if (URL.canParse(`http://${text}/`)) addressPolicy([])(new URL(`http://${text}/`).hostname);
    },
    allows: never,
  },
];
