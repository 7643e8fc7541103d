import type { ConverterSink } from './converter.ts';
import type { Wants } from './converter-plan.ts';
import { channelNames, type FfmpegLog } from './ffmpeg-log.ts';
import { FrameStore } from './frame-store.ts';
import type { NutSink, NutStream } from './nut-reader.ts';

/** What the sinks of one attempt share. */
export interface Attempt {
  readonly sink: ConverterSink;
  readonly log: FfmpegLog;
  /** Where media time begins, in seconds of the timestamps that ffmpeg writes. */
  readonly zero: () => number;
  /** Asked at each frame and audio packet: whether what comes is what was asked for. */
  readonly first: () => boolean;
}

/** Luma frames, in memory that is used again once a frame is released. */
export function frameSink({ sink, zero, first }: Attempt, video: Wants['video']): NutSink {
  let store: FrameStore | undefined;
  return {
    onStream: (stream) => {
      if (stream.type === 'video') store = new FrameStore(stream.width, stream.height, video === 'native');
    },
    target: (size) => {
      if (size !== store?.frameBytes)
        throw new Error(`a frame of ${size} bytes where ${store?.frameBytes} are expected`);
      return store.target();
    },
    onPacket: (pts) => {
      if (first()) sink.onFrame(store!.take(pts - zero()));
    },
  };
}

/** Interleaved samples, each packet in memory of its own. */
export function audioSink({ sink, log, zero, first }: Attempt): NutSink {
  let format: Extract<NutStream, { type: 'audio' }> | undefined;
  let samples = new Int16Array(0);
  return {
    onStream: (stream) => {
      if (stream.type === 'audio') format = stream;
    },
    target: (size) => {
      samples = new Int16Array(Math.ceil(size / 2));
      return new Uint8Array(samples.buffer);
    },
    onPacket: (pts) => {
      if (!first()) return;
      const { sampleRate, channels } = format!;
      const names = channelNames(log.media.audio?.layout, channels);
      sink.onAudio({ pts: pts - zero(), sampleRate, channels, channelNames: names, samples });
    },
  };
}

/** Small pictures in colour, for the page. */
export function previewSink({ sink }: Attempt): NutSink {
  let size = { width: 0, height: 0 };
  let data = new Uint8Array(0);
  return {
    onStream: (stream) => {
      if (stream.type === 'video') size = stream;
    },
    target: (bytes) => {
      data = new Uint8Array(bytes);
      return data;
    },
    onPacket: () => sink.onPreview({ width: size.width, height: size.height, data }),
  };
}
