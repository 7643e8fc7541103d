import type { EvidenceKind } from '../detectors/contract.ts';
import type { Soundtrack } from '../ingress/ingress.ts';
import { shownLanguage } from '../ingress/languages.ts';
import type { AudioPlace } from './converter-plan.ts';

/** What ffmpeg says of its inputs before it decodes. */
export interface MediaInfo {
  /** Container time that becomes zero: the earliest start over the inputs, in seconds. */
  readonly start: number;
  readonly video?: {
    readonly codec: string;
    readonly width: number;
    readonly height: number;
    readonly frameRate?: number;
  };
  /** The track that is decoded. */
  readonly audio?: {
    readonly codec: string;
    readonly sampleRate: number;
    readonly layout: string;
    readonly soundtrack: Soundtrack;
  };
}

/** Why a conversion did not produce anything, as far as the log tells. */
export type LogFailure = 'no-video' | 'no-audio' | 'unreachable' | 'unauthorized' | 'not-found';

/** Channel names in the order in which ffmpeg interleaves them (libavutil/channel_layout). */
const layouts: Readonly<Record<string, readonly string[]>> = {
  mono: ['FC'],
  stereo: ['FL', 'FR'],
  '2.1': ['FL', 'FR', 'LFE'],
  '3.0': ['FL', 'FR', 'FC'],
  '4.0': ['FL', 'FR', 'FC', 'BC'],
  quad: ['FL', 'FR', 'BL', 'BR'],
  '5.0': ['FL', 'FR', 'FC', 'BL', 'BR'],
  '5.0(side)': ['FL', 'FR', 'FC', 'SL', 'SR'],
  '5.1': ['FL', 'FR', 'FC', 'LFE', 'BL', 'BR'],
  '5.1(side)': ['FL', 'FR', 'FC', 'LFE', 'SL', 'SR'],
  '7.1': ['FL', 'FR', 'FC', 'LFE', 'BL', 'BR', 'SL', 'SR'],
};

/** Names of the channels of a layout; numbered where the layout is not one of the usual. */
export function channelNames(layout: string | undefined, channels: number): readonly string[] {
  const names = layout === undefined ? undefined : layouts[layout];
  if (names?.length === channels) return names;
  return Array.from({ length: channels }, (_, index) => `ch${index + 1}`);
}

type AudioTrack = Omit<NonNullable<MediaInfo['audio']>, 'soundtrack'> & { readonly language?: string };

/** Reads ffmpeg's log at level `repeat+level+info`, line by line. */
export class FfmpegLog {
  /** Number of the input that is being described. */
  #input: number | undefined;
  #start: number | undefined;
  #video: MediaInfo['video'];
  readonly #audio: AudioPlace;
  /** Audio tracks of the input whose sound is decoded. */
  readonly #tracks: AudioTrack[] = [];
  /** Of each input, as ffmpeg calls it. */
  readonly #formats: string[] = [];
  readonly #failures = new Set<LogFailure>();
  #lastError: string | undefined;

  /** `audio`: where the sound is that is decoded. */
  constructor(audio: AudioPlace = { input: 0, index: 0 }) {
    this.#audio = audio;
  }

  /** What the inputs hold; complete once the first output packet arrives. */
  get media(): MediaInfo {
    const track = this.#tracks[this.#audio.index];
    return {
      start: this.#start ?? 0,
      ...(this.#video && { video: this.#video }),
      ...(track && { audio: this.#described(track) }),
    };
  }

  /** Audio tracks of the input whose sound is decoded, in order. */
  get tracks(): readonly { readonly language?: string }[] {
    return this.#tracks;
  }

  /**
   * Whether every track is known, also one that has given nothing yet: those of a transport stream are made from its
   * program map (ISO/IEC 13818-1 §2.4.4.8).
   */
  get listsTracks(): boolean {
    const some = this.#video !== undefined || this.#tracks.length > 0;
    return some && this.#formats.every((format) => format === 'mpegts');
  }

  get failures(): ReadonlySet<LogFailure> {
    return this.#failures;
  }

  /** The last error ffmpeg logged, without addresses. */
  get lastError(): string | undefined {
    return this.#lastError;
  }

  /** Evidence of damage that this line gives, if any. */
  read(line: string): EvidenceKind | undefined {
    this.#readMedia(line);
    this.#readFailure(line);
    return damageIn(line);
  }

  #readMedia(line: string): void {
    const input = /^\[info\] Input #(\d+), ([\w,]+), from/.exec(line);
    if (input) {
      this.#input = Number(input[1]);
      this.#formats.push(input[2]!);
    } else if (/^\[info\] (Output #|Stream mapping)/.test(line)) this.#input = undefined;
    if (this.#input === undefined) return;
    const start = /Duration: .*start: (-?[\d.]+)/.exec(line);
    if (start) this.#start = Math.min(this.#start ?? Number.POSITIVE_INFINITY, Number(start[1]));
    const stream = /Stream #\d+:\d+(?:\[\w+\])?(?:\(([\w,-]+)\))?.*?: (Video|Audio): (\w+)(.*)$/.exec(line);
    if (stream?.[2] === 'Video') this.#readVideo(stream[3]!, stream[4]!);
    if (stream?.[2] === 'Audio' && this.#input === this.#audio.input) {
      this.#readAudio(stream[3]!, stream[4]!, stream[1]);
    }
  }

  #described({ language, ...format }: AudioTrack): NonNullable<MediaInfo['audio']> {
    const place = { number: this.#audio.index + 1, of: this.#tracks.length };
    return { ...format, soundtrack: { ...place, ...(language !== undefined && { language }) } };
  }

  #readVideo(codec: string, rest: string): void {
    const size = /, (\d{2,5})x(\d{2,5})/.exec(rest);
    const rate = /, ([\d.]+)(k?) fps/.exec(rest);
    const width = Number(size?.[1] ?? 0);
    const height = Number(size?.[2] ?? 0);
    // ffmpeg picks the largest picture of several.
    if (this.#video && this.#video.width * this.#video.height >= width * height) return;
    const frameRate = rate ? Number(rate[1]) * (rate[2] ? 1000 : 1) : undefined;
    this.#video = { codec, width, height, ...(frameRate !== undefined && { frameRate }) };
  }

  #readAudio(codec: string, rest: string, language: string | undefined): void {
    const format = /, (\d+) Hz, ([^,]+)/.exec(rest);
    this.#tracks.push({
      ...{ codec, sampleRate: Number(format?.[1] ?? 0), layout: format?.[2]?.trim() ?? 'unknown' },
      ...(shownLanguage(language) !== undefined && { language }),
    });
  }

  #readFailure(line: string): void {
    const output = /Output file #(\d+) does not contain any stream/.exec(line);
    if (output) this.#failures.add(this.#video ? 'no-audio' : 'no-video');
    if (/Stream map '\d+:a:\d+' matches no streams/.test(line)) this.#failures.add('no-audio');
    if (/Connection refused|timed out|Network is unreachable|No route|Input\/output error/i.test(line)) {
      this.#failures.add('unreachable');
    }
    // Of what ffmpeg opens itself: RTSP answers with the codes of HTTP.
    if (/Server returned 40[13]|failed: 40[13] /.test(line)) this.#failures.add('unauthorized');
    if (/Server returned 404|failed: 404 /.test(line)) this.#failures.add('not-found');
    const error = /\[(?:error|fatal)\] (.*)$/.exec(line)?.[1];
    if (error && !givesUp.test(error)) this.#lastError = withoutAddresses(error);
  }
}

/** Lines that only say that ffmpeg gives up; why stands before. */
const givesUp = /^(Error marking filters as finished|Conversion failed)/;

/** URLs and quoted names can carry tokens: they never leave this module. */
function withoutAddresses(text: string): string {
  return (
    text
      .replace(/^([a-z][a-z0-9+.-]*:\/\/|unix:|file:|pipe:)\S*:? /i, '')
      // Cut off before its scheme, an address is one still.
      .replace(/[a-z0-9+.-]*:\/\/\S*/gi, '…')
      .replace(/(unix|pipe):\S*/g, 'the input')
  );
}

/**
 * Damage lines of ffmpeg's video decoders (libavcodec h264, hevc, mpeg2), by what they prove: damaged data, or
 * a picture made up from others. Audio decoders' lines say nothing of the picture.
 */
function damageIn(line: string): EvidenceKind | undefined {
  if (!/\[(error|warning|info)\]/.test(line) || /^\[(aac|ac3|eac3|mp3|opus|vorbis|dts)/.test(line))
    return undefined;
  if (
    /concealing \d+ (DC|AC|MV)|error concealment|Missing reference picture|co located POCs unavailable/.test(
      line,
    )
  ) {
    return 'decoder-concealment';
  }
  if (
    /error while decoding MB|cabac decode of|(left|top) block unavailable|corrupt decoded frame|out of range intra|Invalid (NAL|level prefix)|mb_type \d+ in \w+ slice too large|slice (mismatch|below image)|ac-tex damaged|mb incr damaged|Invalid mb type in|skipped MB in I-frame|end mismatch left|invalid cbp|negative number of zero coeffs|deblocking_filter_idc|Could not find ref with POC|The cu_qp_delta|CABAC_MAX_BIN|Error parsing NAL|error decoding slice/i.test(
      line,
    )
  ) {
    return 'decoder-error';
  }
  return undefined;
}
