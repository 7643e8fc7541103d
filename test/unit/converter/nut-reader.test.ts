import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NutError } from '../../../monitor/converter/nut-fields.ts';
import { NutReader, type NutStream } from '../../../monitor/converter/nut-reader.ts';

interface Packet {
  pts: number;
  bytes: Uint8Array;
}

function collector() {
  const packets: Packet[] = [];
  const streams: NutStream[] = [];
  let target = new Uint8Array(0);
  const reader = new NutReader({
    onStream: (stream) => streams.push(stream),
    target: (size) => {
      target = new Uint8Array(size);
      return target;
    },
    onPacket: (pts) => packets.push({ pts, bytes: target }),
  });
  return { reader, packets, streams };
}

/** NUT as the installed ffmpeg muxes it by itself and as the converter asks for, and the media without a container. */
function muxed(source: string, codec: readonly string[], raw: string) {
  const input = ['-v', 'error', '-f', 'lavfi', '-i', source, ...codec];
  const withoutSyncpoints = ['-syncpoints', 'none', '-strict', 'experimental'];
  return {
    nut: execFileSync('ffmpeg', [...input, ...withoutSyncpoints, '-f', 'nut', '-'], { maxBuffer: 2 ** 28 }),
    ordinary: execFileSync('ffmpeg', [...input, '-f', 'nut', '-'], { maxBuffer: 2 ** 28 }),
    raw: execFileSync('ffmpeg', [...input, '-f', raw, '-'], { maxBuffer: 2 ** 28 }),
  };
}

const video = muxed(
  'testsrc2=size=96x54:rate=25:duration=8,format=gray',
  ['-c:v', 'rawvideo', '-enc_time_base', '1:90000', '-fps_mode', 'passthrough'],
  'rawvideo',
);
const silence = muxed('anullsrc=r=48000:cl=5.1,atrim=duration=3', ['-c:a', 'pcm_s16le'], 's16le');

describe('NutReader', () => {
  it('gives every frame and its time, however the bytes are cut', () => {
    for (const size of [1000, 4096, 65_536]) {
      const { reader, packets, streams } = collector();
      for (let from = 0; from < video.nut.length; from += size)
        reader.write(video.nut.subarray(from, from + size));
      expect(streams).toEqual([{ type: 'video', width: 96, height: 54 }]);
      expect(packets.map(({ pts }) => pts)).toEqual(
        Array.from({ length: 200 }, (_, index) => expect.closeTo(index / 25, 4)),
      );
      expect(Buffer.concat(packets.map(({ bytes }) => bytes)).equals(video.raw)).toBe(true);
    }
  });

  it('reads version 3 with its syncpoints alike', () => {
    const { reader, packets } = collector();
    reader.write(video.ordinary);
    expect(packets.at(-1)!.pts).toBeCloseTo(199 / 25, 4);
    expect(Buffer.concat(packets.map(({ bytes }) => bytes)).equals(video.raw)).toBe(true);
  });

  it('reads a byte at a time', () => {
    const { reader, packets } = collector();
    for (const byte of video.nut.subarray(0, 20_000)) reader.write(Buffer.of(byte));
    expect(packets.length).toBeGreaterThan(2);
    expect(
      Buffer.concat(packets.map(({ bytes }) => bytes)).equals(
        video.raw.subarray(0, packets.length * 96 * 54),
      ),
    ).toBe(true);
  });

  it('restores elided headers, in which samples of silence look like start codes', () => {
    const { reader, packets, streams } = collector();
    reader.write(silence.nut);
    expect(streams).toEqual([{ type: 'audio', sampleRate: 48_000, channels: 6 }]);
    expect(Buffer.concat(packets.map(({ bytes }) => bytes)).equals(silence.raw)).toBe(true);
  });

  it('refuses what is not NUT', () => {
    expect(() => collector().reader.write(Buffer.from('<html>'.repeat(20)))).toThrow(NutError);
  });

  it('survives any damage with a NutError at most', () => {
    const start = video.nut.subarray(0, 3000);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(start.length - 1), fc.nat(255)), { maxLength: 8 }), (flips) => {
        const bytes = Buffer.from(start);
        for (const [position, value] of flips) bytes[position] = value;
        try {
          collector().reader.write(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(NutError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
