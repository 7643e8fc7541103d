import { describe, expect, it } from 'vitest';
import { channelNames, FfmpegLog } from '../../../monitor/converter/ffmpeg-log.ts';

function reading(...lines: string[]) {
  const log = new FfmpegLog();
  return { log, evidence: lines.map((line) => log.read(line)) };
}

const input = [
  "[info] Input #0, mpegts, from 'unix:/tmp/s':",
  '[info]   Duration: 00:00:20.00, start: -9.708333, bitrate: 558 kb/s',
  '[info]   Stream #0:0[0x101]: Video: h264 (Main) ([27][0][0][0] / 0x001B), yuv420p(progressive), 640x360, 24 fps, 24 tbr, 90k tbn',
  '[info]   Stream #0:1[0x102](eng): Audio: aac (LC) ([15][0][0][0] / 0x000F), 48000 Hz, 5.1(side), fltp, 130 kb/s',
  '[info] Stream mapping:',
  '[info]   Stream #0:0: Video: rawvideo, gray, 320x180, 25 fps',
];

describe('FfmpegLog', () => {
  it('reads what the inputs hold, and not the outputs', () => {
    expect(reading(...input).log.media).toEqual({
      start: -9.708333,
      video: { codec: 'h264', width: 640, height: 360, frameRate: 24 },
      audio: {
        ...{ codec: 'aac', sampleRate: 48_000, layout: '5.1(side)' },
        soundtrack: { number: 1, of: 1, language: 'eng' },
      },
    });
  });

  it('tells of the audio track that is decoded, and of none that is not there', () => {
    const second =
      '[info]   Stream #0:2[0x103](deu): Audio: ac3 (AC-3 / 0x332D4341), 32000 Hz, stereo, fltp, 96 kb/s';
    const logs = [1, 2].map((index) => new FfmpegLog({ input: 0, index }));
    for (const log of logs) for (const line of [...input.slice(0, 4), second]) log.read(line);
    expect(logs[0]!.media.audio).toEqual({
      ...{ codec: 'ac3', sampleRate: 32_000, layout: 'stereo' },
      soundtrack: { number: 2, of: 2, language: 'deu' },
    });
    expect(logs[1]!.media.audio).toBeUndefined();
  });

  it('takes the earlier start of two inputs, and the largest of several pictures', () => {
    const second = [
      "[info] Input #1, mpegts, from 'unix:/tmp/t':",
      '[info]   Duration: N/A, start: -10.5, bitrate: N/A',
      '[info]   Stream #1:0: Video: h264 (Main), yuv420p(progressive), 1280x720 [SAR 1:1 DAR 16:9], 25 fps, 25 tbr',
    ];
    const { media } = reading(...input.slice(0, 4), ...second).log;
    expect(media.start).toBe(-10.5);
    expect(media.video).toMatchObject({ width: 1280, height: 720 });
  });

  it('tells no address, even without its scheme', () => {
    expect(reading('[error] ://reader:hunter2@host/live broke').log.lastError).toBe('… broke');
  });

  it.each([
    ['[error] [rtsp @ 0x1] method DESCRIBE failed: 401 Unauthorized', 'unauthorized'],
    ['[error] rtsp://reader:hunter2@host/live: Server returned 404 Not Found', 'not-found'],
    ['[error] tcp://host:1: Connection refused', 'unreachable'],
  ])('tells why nothing could be opened: %s', (line, failure) => {
    const { log } = reading(line);
    expect([...log.failures]).toEqual([failure]);
    expect(log.lastError).not.toContain('hunter2');
  });

  it('takes damage lines of video decoders as evidence, and of audio decoders not', () => {
    expect(
      reading(
        '[h264 @ 0x55] [error] error while decoding MB 12 7, bytestream -5',
        '[h264 @ 0x55] [info] concealing 300 DC, 300 AC, 300 MV errors in P frame',
        '[error] [warning] corrupt decoded frame in stream 0',
        '[mpeg2video @ 0x55] [error] mb incr damaged',
        '[mpeg2video @ 0x55] [error] end mismatch left=84 2AB1 at 11 30',
        '[hevc @ 0x55] [error] CABAC_MAX_BIN : 7',
        '[aac @ 0x55] [error] Error parsing NAL unit',
        '[info] frame= 100',
      ).evidence,
    ).toEqual([
      'decoder-error',
      'decoder-concealment',
      ...Array.from({ length: 4 }, () => 'decoder-error'),
      undefined,
      undefined,
    ]);
  });

  it('keeps addresses out of the error it reports', () => {
    const { log } = reading('[error] srt://origin.example:9000?passphrase=secret: Input/output error');
    expect(log.lastError).toBe('Input/output error');
    expect(log.failures.has('unreachable')).toBe(true);
  });

  it('reports why ffmpeg gave up, not that it did', () => {
    const { log } = reading(
      '[error] Cannot determine format of input stream 0:0 after EOF',
      '[fatal] Error marking filters as finished',
      '[info] Conversion failed!',
    );
    expect(log.lastError).toBe('Cannot determine format of input stream 0:0 after EOF');
  });

  it('knows every track of a transport stream from its program map, and of nothing else', () => {
    const lists = (...lines: string[]) => reading(...lines).log.listsTracks;
    const file = "[info] Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'tcp://127.0.0.1:1':";
    const second = "[info] Input #1, aac, from 'tcp://127.0.0.1:1':";
    expect(lists(...input.slice(0, 3))).toBe(true);
    expect(lists(...input.slice(0, 2))).toBe(false);
    expect(lists(file, ...input.slice(1, 3))).toBe(false);
    expect(lists(...input.slice(0, 3), second)).toBe(false);
  });

  it('knows which output has no track', () => {
    expect(
      reading(...input.slice(0, 3), '[error] Output file #1 does not contain any stream').log.failures,
    ).toContain('no-audio');
    expect(reading('[error] Output file #0 does not contain any stream').log.failures).toContain('no-video');
  });
});

describe('channelNames', () => {
  it('names the usual layouts and numbers the others', () => {
    expect(channelNames('stereo', 2)).toEqual(['FL', 'FR']);
    expect(channelNames('3 channels', 3)).toEqual(['ch1', 'ch2', 'ch3']);
    expect(channelNames('stereo', 6)).toHaveLength(6);
  });
});
