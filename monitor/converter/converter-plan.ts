import { Readable } from 'node:stream';
import type { StreamScheme, StreamUrl } from '../../crds/stream-url.ts';
import type { SoundtrackWish } from '../ingress/ingress.ts';
import type { FfmpegInput, FfmpegOutput } from './ffmpeg.ts';

/** What a stream's detectors need of its media. */
export interface Wants {
  /** `native` planes are reduced here; `reduced` ones by ffmpeg, which saves the transfer. */
  readonly video: 'none' | 'reduced' | 'native';
  readonly audio: boolean;
  /** Of several audio tracks; the first without. */
  readonly soundtrack?: SoundtrackWish;
  /** A small colour picture every two seconds. */
  readonly preview: boolean;
}

/** Where the media comes from: bytes of the ingress on a loopback port, a local file, or a URL that ffmpeg opens. */
export type ConverterInput =
  | { readonly kind: 'socket'; readonly port: number; readonly format?: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'network'; readonly url: StreamUrl };

/**
 * How long ffmpeg looks before it decodes. `short` gives the first frame of a live TS after 0.2 s where the
 * default takes 5 s, and fails where video starts late; then `long` is tried.
 */
export type Probing = 'short' | 'long';

const probingOptions: Readonly<Record<Probing, readonly string[]>> = {
  short: ['-probesize', '200000', '-analyzeduration', '500000'],
  long: ['-probesize', '5000000', '-analyzeduration', '5000000'],
};

/** Decoded sizes above 8K are refused, as are single allocations above 512 MiB: bombs, not pictures. */
const decodeLimits = ['-max_pixels', String(7680 * 4320), '-max_alloc', String(512 * 1024 * 1024)];

/** 10-bit and packed pictures become planes of 8 bits first. */
const planes = 'format=yuv420p|yuvj420p|yuv422p|yuvj422p|yuv444p|yuvj444p|yuv440p|yuv411p|yuv410p|gray';

/** Extracting the luma plane keeps its levels; `-pix_fmt gray` would expand the range. */
const lumaFilter = `${planes},extractplanes=y`;

/**
 * As `reductionFactor` and `LumaKernels.reduce`: whole factors, area average. The range is called full on both sides,
 * so that levels stay as they are; luma is all that is read, and never copied at full size.
 */
function reducedLumaFilter(columns: number): string {
  const factor = `max(1\\,round(iw/${columns}))`;
  return `${planes},scale=w=trunc(iw/${factor}):h=trunc(ih/${factor}):flags=area:in_range=pc:out_range=pc,format=gray`;
}

const previewFilter =
  'select=isnan(prev_selected_t)+gte(t-prev_selected_t\\,2)+lt(t\\,prev_selected_t),scale=w=min(480\\,iw):h=-2:flags=area,format=rgb24';

/** Named pipes in the order of the outputs. */
export interface OutputPaths {
  readonly video: string;
  readonly audio: string;
  readonly preview: string;
}

export function ffmpegInputs(inputs: readonly ConverterInput[], probing: Probing): FfmpegInput[] {
  return inputs.map((input, index) => {
    const global =
      index === 0
        ? [
            // The pipes that it writes to are there: it would ask whether they may be overwritten.

            '-y',
            '-hide_banner',
            '-nostats',
            '-loglevel',
            'repeat+level+info',
            '-copyts',
            '-filter_threads',
            '1',
          ]
        : [];
    // With two inputs their common time base must stay; the converter takes off the earlier start itself.
    if (index === 0 && inputs.length === 1) global.push('-start_at_zero');
    return ffmpegInput(input, [...global, '-threads', '1', ...decodeLimits], probing);
  });
}

function ffmpegInput(input: ConverterInput, options: readonly string[], probing: Probing): FfmpegInput {
  switch (input.kind) {
    case 'socket': {
      const format = input.format ? ['-f', input.format] : [];
      return {
        source: `tcp://127.0.0.1:${input.port}`,
        options: [...options, ...probingOptions[probing], '-protocol_whitelist', 'tcp', ...format],
      };
    }
    case 'file':
      return { source: `file:${input.path}`, options: [...options, '-protocol_whitelist', 'file'] };
    case 'network':
      // On standard input, so that the URL is in no argument list.
      return {
        source: Readable.from([Buffer.from(concatScript(input.url, probing))]),
        options: [
          ...options,
          ...['-f', 'concat', '-safe', '0', '-protocol_whitelist', 'pipe,udp,srt,rtmp,rtmps,tcp,tls'],
        ],
      };
  }
}

function concatScript(url: StreamUrl, probing: Probing): string {
  const quoted = url.reveal().replaceAll("'", "'\\''");
  const [, probeSize, , analyzeDuration] = probingOptions[probing];
  return [
    'ffconcat version 1.0',
    `file '${quoted}'`,
    `option probesize ${probeSize}`,
    `option analyzeduration ${analyzeDuration}`,
    ...protocolOptions(url.scheme).map(([name, value]) => `option ${name} ${value}`),
    '',
  ].join('\n');
}

/**
 * RTSP interleaves its media with the control connection (RFC 2326 §10.12): over UDP they would come to ports of
 * their own, which walls do not let in. Its time-out is in µs.
 */
function protocolOptions(scheme: StreamScheme): readonly (readonly [string, string | number])[] {
  if (scheme !== 'rtsp' && scheme !== 'rtsps') return [];
  return [
    ['rtsp_transport', 'tcp'],
    ['timeout', 10_000_000],
  ];
}

/** Where ffmpeg finds the sound: its input, and which of the input's audio tracks, both from 0. */
export interface AudioPlace {
  readonly input: number;
  readonly index: number;
}

export function ffmpegOutputs(
  wants: Wants,
  reducedColumns: number,
  paths: OutputPaths,
  audio: AudioPlace,
): FfmpegOutput[] {
  const outputs: FfmpegOutput[] = [];
  // Without syncpoints, of which ffmpeg would remember every one as long as the stream lasts. It calls that
  // version of NUT experimental.
  const nut = ['-f', 'nut', '-syncpoints', 'none', '-strict', 'experimental', '-flush_packets', '1'];
  // Passthrough: raw video is constant frame rate by default, which invents repeated frames.
  const rawVideo = [
    '-an',
    '-sn',
    '-dn',
    '-fps_mode',
    'passthrough',
    '-enc_time_base',
    '1:90000',
    '-c:v',
    'rawvideo',
  ];
  if (wants.video !== 'none') {
    const filter = wants.video === 'native' ? lumaFilter : reducedLumaFilter(reducedColumns);
    outputs.push({ target: `file:${paths.video}`, options: ['-vf', filter, ...rawVideo, ...nut] });
  }
  if (wants.audio) {
    outputs.push({
      target: `file:${paths.audio}`,
      // By itself ffmpeg would take the track of the most channels, and with `?` where this one is not there.
      options: ['-map', `${audio.input}:a:${audio.index}`, '-vn', '-sn', '-dn', '-c:a', 'pcm_s16le', ...nut],
    });
  }
  if (wants.preview) {
    outputs.push({ target: `file:${paths.preview}`, options: ['-vf', previewFilter, ...rawVideo, ...nut] });
  }
  return outputs;
}
