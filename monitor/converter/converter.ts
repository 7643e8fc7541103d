import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { StreamUrl } from '../../crds/stream-url.ts';
import type { EvidenceKind } from '../detectors/contract.ts';
import { IngressError, type IngressInput } from '../ingress/ingress.ts';
import { soundtrackIndex } from '../ingress/segmented/soundtrack-choice.ts';
import { reducedColumns } from '../kernels/luma-kernels.ts';
import {
  type AudioPlace,
  type ConverterInput,
  ffmpegInputs,
  ffmpegOutputs,
  type OutputPaths,
  type Probing,
  type Wants,
} from './converter-plan.ts';
import { type FfmpegRun, runFfmpeg } from './ffmpeg.ts';
import { FfmpegLog, type LogFailure, type MediaInfo } from './ffmpeg-log.ts';
import type { Frame } from './frame-store.ts';
import { InputSocket } from './input-socket.ts';
import { type OutputPipe, openPipes } from './output-pipe.ts';
import { type Attempt, audioSink, frameSink, previewSink } from './track-sinks.ts';

/** What a converter reads: the inputs of an ingress session, or what ffmpeg opens itself. */
export type ConverterSource =
  | { readonly inputs: readonly IngressInput[] }
  | { readonly file: string }
  | { readonly url: StreamUrl };

/** Audio of one packet; `samples` are interleaved and belong to the receiver. */
export interface AudioRun {
  /** Media seconds of the session. */
  readonly pts: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly channelNames: readonly string[];
  readonly samples: Int16Array;
}

/** Whom a converter tells what it decodes. Times are media seconds from the session's start. */
export interface ConverterSink {
  /** Before the first frame or audio. `has` says which of the wanted tracks exist. */
  onMedia(media: MediaInfo, has: { readonly video: boolean; readonly audio: boolean }): void;
  onFrame(frame: Frame): void;
  onAudio(audio: AudioRun): void;
  onPreview(picture: { readonly width: number; readonly height: number; readonly data: Uint8Array }): void;
  /** What must be waited for before more is read, such as a slow detector of a file. */
  pace?(): Promise<unknown> | undefined;
  /** The decoder logged damage, about where the newest frame is. */
  onDamage(evidence: EvidenceKind): void;
}

/** How a conversion ended: with the end of the media, or why not. */
export interface ConverterEnd {
  readonly decoded: boolean;
  readonly failures: ReadonlySet<LogFailure>;
  /** Exit or launch error in one line, without addresses; absent after a normal end. */
  readonly error?: string;
  readonly ffmpegMissing: boolean;
  /** ffmpeg was killed by something else than this converter, or could not be started. */
  readonly crashed: boolean;
  /** What of the media was asked for and is not there. */
  readonly refused?: IngressError;
  /** The ingress ended its bytes by itself; false where ffmpeg opened the source. */
  readonly sourceEnded: boolean;
  /** What the sink threw, or what was wrong with the bytes from ffmpeg. */
  readonly fault?: unknown;
}

/**
 * Decodes one session: one ffmpeg, whose luma frames and PCM come in memory over named pipes, each track on
 * its own so that one that stops never holds up the other. Streams that short probing cannot make out are
 * probed again at length, from the same bytes.
 */
export class Converter {
  readonly #source: ConverterSource;
  readonly #sink: ConverterSink;
  readonly #directory: string;
  readonly #name = randomBytes(4).toString('hex');
  #inputs: InputSocket[] = [];
  #run: FfmpegRun | undefined;
  #closed = false;
  #held = false;
  #receivers: readonly OutputPipe[] = [];
  #cpuSeconds = 0;

  /** `directory` holds the pipes. */
  constructor(source: ConverterSource, sink: ConverterSink, directory: string) {
    this.#source = source;
    this.#sink = sink;
    this.#directory = directory;
  }

  /** Decodes to the end of the media, or until `kill`. */
  async convert(wants: Wants): Promise<ConverterEnd> {
    // A file is probed as ffmpeg does by itself.
    let probing: Probing = 'file' in this.#source ? 'long' : 'short';
    let wanted = wants;
    let place = this.#audioPlace(wants);
    const lacking = new Set<'video' | 'audio'>();
    try {
      const inputs = await this.#openInputs();
      for (;;) {
        const { end, elsewhere, listed } = await this.#attempt(inputs, wanted, probing, place);
        if (elsewhere && !this.#closed) {
          place = elsewhere;
          continue;
        }
        if (end.decoded || this.#closed || end.ffmpegMissing || end.fault !== undefined) return end;
        const track = missingTrack(end, wanted);
        // A track that short probing did not see may only begin late, where nothing lists it beforehand.
        if (probing === 'short' && !(track && lacking.size === 0 && listed)) probing = 'long';
        else {
          if (track) lacking.add(track);
          if (!track || lacking.size > 1) return end;
          wanted = without(track, wanted);
        }
      }
    } finally {
      for (const input of this.#inputs) input.close();
    }
  }

  /** Ends the conversion at once; `convert` then returns. */
  kill(): void {
    this.#closed = true;
    this.#held = false;
    for (const receiver of this.#receivers) receiver.release();
    this.#run?.kill();
    for (const input of this.#inputs) input.close();
  }

  /** While `held`, nothing is read from ffmpeg, which then waits. */
  hold(held: boolean): void {
    if (this.#closed) return;
    this.#held = held;
    for (const receiver of this.#receivers) receiver.hold(held);
  }

  /** CPU that ffmpeg has used, in seconds; never falls. */
  cpuSeconds(): number {
    this.#cpuSeconds = Math.max(this.#cpuSeconds, this.#run?.cpuSeconds() ?? 0);
    return this.#cpuSeconds;
  }

  /** Bytes that ffmpeg was given; 0 of what it opens itself. */
  get bytesGiven(): number {
    return this.#inputs.reduce((sum, { given }) => sum + given, 0);
  }

  /** Whether more of every input has come than ffmpeg takes; of what it opens itself nobody can tell. */
  get inputWaits(): boolean {
    // Of two, it waits for the one that lacks: the other is then full by rights.
    return this.#inputs.length > 0 && this.#inputs.every(({ waits }) => waits);
  }

  async #openInputs(): Promise<ConverterInput[]> {
    if ('file' in this.#source) return [{ kind: 'file', path: this.#source.file }];
    if ('url' in this.#source) return [{ kind: 'network', url: this.#source.url }];
    const inputs: ConverterInput[] = [];
    for (const input of this.#source.inputs) {
      const socket = await InputSocket.listen(input.bytes);
      this.#inputs.push(socket);
      inputs.push({ kind: 'socket', port: socket.port, ...(input.format && { format: input.format }) });
    }
    return inputs;
  }

  /**
   * `elsewhere`: where the sound is that is asked for; it was ended before anything was told of it. `listed`: every track
   * is known, also one that has given nothing yet.
   */
  async #attempt(
    inputs: readonly ConverterInput[],
    wants: Wants,
    probing: Probing,
    place: AudioPlace,
  ): Promise<{ readonly end: ConverterEnd; readonly elsewhere?: AudioPlace; readonly listed: boolean }> {
    const log = new FfmpegLog(place);
    const paths: OutputPaths = {
      video: this.#pipePath('v'),
      audio: this.#pipePath('a'),
      preview: this.#pipePath('p'),
    };
    let decoded = false;
    let misplaced: Misplaced | undefined;
    /** Whether what comes is what was asked for. */
    const first = (): boolean => {
      if (decoded) return true;
      if (misplaced) return false;
      misplaced = wants.audio ? this.#misplaced(log, wants, place) : undefined;
      if (misplaced) {
        this.#run?.kill();
        return false;
      }
      decoded = true;
      for (const input of this.#inputs) input.commit();
      this.#sink.onMedia(log.media, { video: wants.video !== 'none', audio: wants.audio });
      return true;
    };
    const attempt: Attempt = {
      sink: this.#sink,
      log,
      // One input starts at zero by itself; of two, the earlier start is zero.
      zero: () => (inputs.length > 1 ? log.media.start : 0),
      first,
    };
    const receivers = await openPipes(
      [
        ...(wants.video !== 'none' ? [{ path: paths.video, sink: frameSink(attempt, wants.video) }] : []),
        ...(wants.audio ? [{ path: paths.audio, sink: audioSink(attempt) }] : []),
        ...(wants.preview ? [{ path: paths.preview, sink: previewSink(attempt) }] : []),
      ],
      () => this.#sink.pace?.(),
    );
    this.#receivers = receivers;
    this.hold(this.#held);
    const run = runFfmpeg(
      ffmpegInputs(inputs, probing),
      ffmpegOutputs(wants, reducedColumns, paths, place),
      (line) => {
        const evidence = log.read(line);
        if (evidence && decoded) this.#sink.onDamage(evidence);
      },
    );
    this.#run = run;
    if (this.#closed) this.kill();
    let fault: unknown;
    for (const receiver of receivers) {
      receiver.failed.then((reason) => {
        fault ??= reason;
        run.kill();
      });
    }
    const error = await run.ended;
    await Promise.all(receivers.map((receiver) => receiver.drain()));
    this.#cpuSeconds = this.cpuSeconds();
    const ffmpegMissing =
      error !== undefined && /Cannot find ffmpeg|ENOENT|exited with code 127/.test(error.message);
    const crash =
      this.#closed || misplaced || fault !== undefined || ffmpegMissing ? undefined : crashOf(error);
    const end: ConverterEnd = {
      decoded,
      failures: log.failures,
      ffmpegMissing,
      crashed: crash !== undefined,
      sourceEnded: this.#inputs.length > 0 && this.#inputs.every(({ sourceEnded }) => sourceEnded),
      ...(fault !== undefined && { fault }),
      ...(misplaced?.refused && { refused: misplaced.refused }),
      ...(error && {
        error: crash ?? log.lastError ?? (ffmpegMissing ? 'ffmpeg was not found' : 'ffmpeg stopped'),
      }),
    };
    return { end, listed: log.listsTracks, ...(misplaced?.place && { elsewhere: misplaced.place }) };
  }

  /** A track that the playlist told apart is the only one that counts in its input. */
  #audioPlace({ soundtrack }: Wants): AudioPlace {
    const inputs = 'inputs' in this.#source ? this.#source.inputs : [];
    const input = Math.max(
      0,
      inputs.findIndex(({ carries }) => carries === 'audio'),
    );
    // In which language a track is, only ffmpeg finds out: the first is taken for it until then.
    const index = soundtrack && 'track' in soundtrack ? soundtrack.track - 1 : 0;
    return { input, index: this.#isTold(input) ? 0 : index };
  }

  #isTold(input: number): boolean {
    return 'inputs' in this.#source && this.#source.inputs[input]?.soundtrack !== undefined;
  }

  /** Whether the sound that is asked for by its language is another one than that which is decoded. */
  #misplaced({ tracks }: FfmpegLog, { soundtrack }: Wants, place: AudioPlace): Misplaced | undefined {
    if (!soundtrack || 'track' in soundtrack || this.#isTold(place.input)) return undefined;
    try {
      const index = soundtrackIndex(tracks, soundtrack);
      return index === place.index ? undefined : { place: { ...place, index } };
    } catch (error) {
      if (error instanceof IngressError) return { refused: error };
      throw error;
    }
  }

  #pipePath(suffix: string): string {
    return join(this.#directory, `${this.#name}${suffix}`);
  }
}

/** Where the sound is that is asked for, or that it is not there. */
interface Misplaced {
  readonly place?: AudioPlace;
  readonly refused?: IngressError;
}

function missingTrack({ failures }: ConverterEnd, { video, audio, preview }: Wants) {
  if (failures.has('no-audio') && audio) return 'audio';
  return failures.has('no-video') && (video !== 'none' || preview) ? 'video' : undefined;
}

/** The other track, also where nothing asks for it: what is there and has no sound is not what cannot be decoded. */
function without(track: 'video' | 'audio', wants: Wants): Wants {
  if (track === 'video') return { ...wants, video: 'none', preview: false, audio: true };
  return { ...wants, video: wants.video === 'none' ? 'reduced' : wants.video, audio: false };
}

/** How ffmpeg ended otherwise than by itself, if it did: out of memory, say. */
function crashOf(error: Error | undefined): string | undefined {
  if (!error) return undefined;
  const signal = /killed with signal (\w+)/.exec(error.message);
  if (signal) return `it was ended by ${signal[1]}`;
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? undefined : `it could not be started (${code})`;
}
