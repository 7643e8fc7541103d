import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Incident } from '../../crds/incident.ts';
import type { StreamReason, StreamState } from '../../crds/stream-state.ts';
import { Converter, type ConverterEnd } from '../converter/converter.ts';
import type { Wants } from '../converter/converter-plan.ts';
import type { MediaInfo } from '../converter/ffmpeg-log.ts';
import { IngressError, type IngressListener } from '../ingress/ingress.ts';
import { backOffSeconds } from './back-off.ts';
import { HangWatch } from './hang-watch.ts';
import { KeyCheck } from './key-check.ts';
import { OverloadWatch } from './overload-watch.ts';
import { sessionFailure } from './session-failure.ts';
import type { MediaSession, SessionSource } from './session-source.ts';
import { SoundMeter } from './sound-meter.ts';
import { soundText } from './sound-text.ts';
import { SourceReader } from './source-reader.ts';
import { type AnalysisOptions, StreamAnalysis } from './stream-analysis.ts';
import { type Coverage, WatchedTime } from './watched-time.ts';

/** What runs beside a stream as long as it is watched, and never disturbs it. */
export interface Companion {
  start(): void;
  stop(): Promise<void>;
  /** Media of the stream was judged. */
  streamAdvanced(): void;
  /** CPU that it used since the last call, in seconds. */
  takeCpuSeconds(): number;
}

export interface WatcherOptions extends AnalysisOptions {
  /** Opens the original URL; called again for every attempt, with whom it tells what it sees. */
  readonly open: (listener: IngressListener) => Promise<SessionSource>;
  /** Try for ever; otherwise only a live stream that could be watched once is opened again. */
  readonly persistent: boolean;
  readonly wants: Wants;
  /** Directory for the converter's pipes. */
  readonly pipeDirectory: string;
  /** Incidents that an earlier process left open, and the media seconds up to which it watched them. */
  readonly adopt?: { readonly incidents: readonly Incident[]; readonly watchedUntil: number };
  readonly companion?: Companion;
  readonly logger: Logger;
}

/** A session that gives nothing for this long is dead, in seconds; longer where its source's pauses are longer. */
const silenceLimit = 10;
/** One whose decoder does nothing about what it is given is dead sooner, once nothing came for so many seconds. */
const hangIdle = 3;
/** A session must give its first frame or sound within this many seconds; so must a source that is tried once. */
const startLimit = 25;
/** After this many seconds of media, the next failure starts a new series of attempts. */
const healthySeconds = 30;
/** Share of time in which the process works: with more, what arrives waits outside, where nobody sees it. */
const busy = 0.98;
const tickMilliseconds = 500;

const receiving = 'frames or sound arrive';
const overloaded = 'it comes faster than it is judged: this pod gets too little CPU';

/**
 * Watches one stream until it ends or is stopped: opens it, decodes it, judges it, and opens it again when it
 * fails. What it says goes to `emit`, in order.
 */
export class StreamWatcher {
  readonly #options: WatcherOptions;
  readonly #analysis: StreamAnalysis;
  readonly #stopping = new AbortController();
  #state: StreamState;
  #converter: Converter | undefined;
  readonly #source: SourceReader;
  #session: MediaSession | undefined;
  #live = true;
  #sessionStart = 0;
  #sessionHadMedia = false;
  #hadMedia = false;
  #keepIncidents = false;
  #watchdogFired = false;
  #hangs = new HangWatch();
  #overload = new OverloadWatch();
  #loop = performance.eventLoopUtilization();
  #gaveUp: IngressError | undefined;
  #fault: unknown;
  #ticks = 0;
  #held = false;
  readonly #watched: WatchedTime;
  readonly #sound = new SoundMeter();
  /** CPU of the running converter that was told already, in seconds. */
  #countedCpu = 0;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#analysis = new StreamAnalysis(options);
    const { open, clock } = options;
    const listener: IngressListener = {
      onEvidence: (evidence) => this.#guarded(() => this.#analysis.evidence(evidence)),
      onCue: (cue) => this.#guarded(() => this.#analysis.cue(cue)),
    };
    this.#source = new SourceReader(() => open(listener), this.#stopping.signal, clock.now);
    const now = options.clock.now();
    this.#state = state('Starting', 'Connecting', 'the source is being opened', now);
    this.#watched = new WatchedTime(now, this.#analysis.time);
  }

  get state(): StreamState {
    return this.#state;
  }

  get openIncidents(): readonly Incident[] {
    return this.#analysis.openIncidents;
  }

  /** What was judged so far, and what goes on from another shard. */
  get analysis(): Pick<StreamAnalysis, 'defects' | 'position' | 'timeOf' | 'takeOver' | 'goOnAs'> {
    return this.#analysis;
  }

  /** Media seconds watched so far. */
  get time(): number {
    return this.#analysis.time;
  }

  /** Whether the source has an end, as a file. */
  get finite(): boolean {
    return !this.#live;
  }

  /** Reads no further while `held`; only for a finite source, which waits for its reader. */
  hold(held: boolean): void {
    if (this.#held === held) return;
    this.#held = held;
    // The time without media was no pause of the source.
    if (!held) this.#sessionStart = this.#options.clock.now();
    this.#converter?.hold(held);
  }

  /** Resolves when a finite stream is over, could not be watched, or after `stop`. */
  async watch(): Promise<void> {
    this.#options.emit({ type: 'state', state: this.#state });
    const { adopt } = this.#options;
    if (adopt) this.#analysis.adopt(adopt.incidents, adopt.watchedUntil);
    const timer = setInterval(() => this.#guarded(() => this.#tick()), tickMilliseconds);
    this.#options.companion?.start();
    try {
      await this.#attempts();
    } catch (error) {
      this.#setState('Down', 'InternalError', 'the watching failed: see the log');
      throw error;
    } finally {
      clearInterval(timer);
      await this.#options.companion?.stop();
      this.#count();
      const ended = this.#state.phase === 'Ended';
      if (!this.#keepIncidents) await this.#analysis.end();
      if (!this.#keepIncidents) this.#analysis.finish(ended ? 'stream-ended' : 'watch-stopped');
      this.#analysis.close();
      this.#emitSeconds();
    }
  }

  /** Ends the watching. Open incidents are closed, unless the watching goes on elsewhere and adopts them. */
  stop(incidents: 'close' | 'keep' = 'close'): void {
    this.#keepIncidents = incidents === 'keep';
    this.#stopping.abort();
    this.#converter?.kill();
    this.#source.close();
  }

  async #attempts(): Promise<void> {
    for (let attempt = 0; !this.#stopping.signal.aborted; attempt++) {
      const before = this.#analysis.time;
      const failure = await this.#attempt();
      if (this.#stopping.signal.aborted) return;
      if (!failure) {
        this.#setState('Ended', 'EndOfStream', 'the source was watched to its end');
        return;
      }
      this.#setState('Down', failure.reason, failure.message);
      if (!this.#options.persistent && !(this.#hadMedia && this.#live)) return;
      if (this.#analysis.time - before > healthySeconds) attempt = 0;
      this.#options.emit({ type: 'reconnect', reason: failure.reason });
      const seconds = backOffSeconds(attempt, Math.random());
      await sleep(seconds * 1000, undefined, { signal: this.#stopping.signal }).catch(() => {});
    }
  }

  /** Opens the stream and watches its sessions; what ended it, or nothing at a finite source's end. */
  async #attempt(): Promise<IngressError | undefined> {
    this.#gaveUp = undefined;
    try {
      if (!(await this.#source.open())) return undefined;
      for (;;) {
        const session = await this.#source.next();
        if (!session) return this.#gaveUp;
        const { failure, sourceEnded } = await this.#runSession(session);
        if (failure) return (sourceEnded && (await this.#source.failure())) || failure;
      }
    } catch (error) {
      if (error instanceof IngressError) return error;
      throw error;
    } finally {
      this.#source.close();
    }
  }

  /** A fault where nobody above could catch it ends the session, not the process. */
  #guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (this.#fault === undefined) this.#options.logger.error({ err: error }, 'a fault in the analysis');
      this.#fault ??= error;
      this.#converter?.kill();
    }
  }

  async #runSession(
    session: MediaSession,
  ): Promise<{ readonly failure: IngressError | undefined; readonly sourceEnded: boolean }> {
    this.#session = session;
    this.#fault = undefined;
    this.#live = session.live;
    this.#sessionStart = this.#options.clock.now();
    this.#sessionHadMedia = false;
    this.#watchdogFired = false;
    this.#hangs = new HangWatch();
    this.#overload = new OverloadWatch();
    const keyCheck = session.decrypted ? new KeyCheck() : undefined;
    let wrongKey = false;
    this.#analysis.beginSession(session);
    const converter = new Converter(
      session.source,
      {
        onMedia: (media, has) => this.#mediaArrived(media, has),
        onFrame: (frame) => {
          this.#analysis.frame(frame);
          this.#options.companion?.streamAdvanced();
          if (!keyCheck?.frame()) return;
          wrongKey = true;
          converter.kill();
        },
        onAudio: (audio) => {
          this.#sound.add(audio);
          this.#analysis.audio(audio);
          this.#options.companion?.streamAdvanced();
        },
        onPreview: (picture) => this.#options.emit({ type: 'preview', picture: { ...picture, channels: 3 } }),
        pace: () => this.#analysis.pace(),
        onDamage: (evidence) => {
          keyCheck?.damage();
          this.#guarded(() => this.#analysis.damage(evidence));
        },
      },
      this.#options.pipeDirectory,
    );
    this.#converter = converter;
    converter.hold(this.#held);
    this.#countedCpu = 0;
    try {
      const end = await converter.convert(this.#options.wants);
      return {
        failure: this.#failureOf(end, session, wrongKey || (keyCheck !== undefined && !end.decoded)),
        sourceEnded: end.sourceEnded,
      };
    } finally {
      this.#count();
      this.#converter = undefined;
      this.#session = undefined;
      this.#analysis.endSession();
    }
  }

  #failureOf(end: ConverterEnd, session: MediaSession, wrongKey: boolean): IngressError | undefined {
    if (this.#stopping.signal.aborted) return undefined;
    const fault = end.fault ?? this.#fault;
    if (fault !== undefined) {
      this.#options.logger.error({ err: fault }, 'a fault in the analysis ended the session');
    }
    return sessionFailure(end, {
      silent: this.#watchdogFired,
      wrongKey,
      faulty: fault !== undefined,
      openedByFfmpeg: 'url' in session.source,
    });
  }

  #mediaArrived(media: MediaInfo, has: { readonly video: boolean; readonly audio: boolean }): void {
    this.#count();
    this.#sessionHadMedia = true;
    this.#analysis.media(media, has);
    this.#setState('Up', 'Receiving', receiving);
    const { video, audio } = media;
    const size = video && video.width > 0 && `${video.width}×${video.height}`;
    this.#options.emit({
      type: 'media',
      ...(video && {
        video: [size, video.frameRate && `${video.frameRate} fps`, video.codec].filter(Boolean).join(', '),
      }),
      ...(audio && { audio: soundText(audio, this.#session?.source) }),
    });
    if (this.#hadMedia) return;
    this.#hadMedia = true;
    this.#options.emit({ type: 'first-frame', time: new Date(this.#options.clock.now()).toISOString() });
  }

  #tick(): void {
    this.#analysis.tick(this.#converter?.inputWaits);
    this.#noticeSilence();
    this.#noticeStall();
    this.#noticeOverload();
    this.#watchdog();
    if (++this.#ticks % 2 === 0) {
      this.#count();
      this.#emitSeconds();
    }
  }

  /** A source that is open and gives nothing yet, such as a UDP port that nobody sends to. */
  #noticeSilence(): void {
    const { waited } = this.#source;
    if (waited === undefined) return;
    const message = 'the connection is open but nothing arrives';
    if (waited > silenceLimit && this.#state.phase !== 'Down') this.#setState('Down', 'NoFrames', message);
    if (waited <= startLimit || this.#options.persistent || this.#hadMedia) return;
    this.#gaveUp = new IngressError('NoFrames', message);
    this.#source.close();
  }

  #noticeStall(): void {
    const idle = this.#analysis.idle;
    if (!this.#session?.live || !this.#sessionHadMedia || idle === undefined) return;
    if (idle > this.#session.expectedGap) {
      if (this.#converter?.inputWaits) this.#setState('Down', 'Overloaded', overloaded);
      else this.#setState('Down', 'NoFrames', 'the connection is open but no frame arrives');
    } else if (this.#state.phase === 'Down') {
      this.#setState('Up', 'Receiving', receiving);
    }
  }

  /** What cannot be kept up with is not lost silently: it is said, and the time that is missing is blind. */
  #noticeOverload(): void {
    if (!this.#session?.live || !this.#sessionHadMedia || !this.#converter || this.#state.phase !== 'Up')
      return;
    const loop = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(loop, this.#loop);
    this.#loop = loop;
    const waits = this.#converter.inputWaits || utilization > busy;
    const flow = { media: this.#analysis.time, waits };
    const lag = this.#overload.observe(flow, this.#options.clock.now());
    if (lag > 0) this.#setState('Up', 'Overloaded', overloaded);
    else if (this.#state.reason === 'Overloaded') this.#setState('Up', 'Receiving', receiving);
  }

  /** Kills a decoder that hangs, whatever the reason: ffmpeg's own time-outs do not cover everything. */
  #watchdog(): void {
    if (!this.#session || !this.#converter || this.#held) return;
    const sinceStart = (this.#options.clock.now() - this.#sessionStart) / 1000;
    const idle = Math.min(sinceStart, this.#analysis.idle ?? Number.POSITIVE_INFINITY);
    const limit = this.#sessionHadMedia ? Math.max(silenceLimit, 3 * this.#session.expectedGap) : startLimit;
    const hangs = this.#decoderHangs(this.#converter, idle);
    if (this.#watchdogFired || !(idle > limit || hangs)) return;
    this.#watchdogFired = true;
    const why = hangs ? 'the decoder does nothing' : 'nothing arrives';
    this.#options.logger.warn({ idleSeconds: Math.round(idle) }, `${why}: the session is ended`);
    this.#converter.kill();
  }

  #decoderHangs(converter: Converter, idle: number): boolean {
    const work = { given: converter.bytesGiven, cpu: converter.cpuSeconds() };
    const hangs = this.#hangs.observe(work, this.#options.clock.now());
    // Decoding some sound takes less CPU than is counted, but gives something.
    return hangs && this.#sessionHadMedia && idle > hangIdle;
  }

  #setState(phase: StreamState['phase'], reason: StreamReason, message: string): void {
    if (this.#state.phase === phase && this.#state.reason === reason && this.#state.message === message)
      return;
    this.#count();
    const now = this.#options.clock.now();
    const since = phase === this.#state.phase ? Date.parse(this.#state.since) : now;
    this.#state = state(phase, reason, message, since);
    this.#options.emit({ type: 'state', state: this.#state });
    this.#options.logger[phase === 'Down' ? 'warn' : 'info']({ phase, reason }, message);
  }

  #count(): void {
    this.#watched.count(this.#options.clock.now(), this.#analysis.time, this.#coverage());
  }

  #coverage(): Coverage {
    if (!this.#live && this.#state.phase !== 'Down') return 'media';
    const { phase, reason } = this.#state;
    if (reason === 'Overloaded') return phase === 'Up' ? { behind: reason } : { blind: reason };
    // An open connection that gives nothing is watched: nothing arrives, and the stall detector says so.
    if (this.#state.phase === 'Up' || (this.#session && this.#sessionHadMedia)) return 'wall';
    return { blind: this.#state.reason };
  }

  #emitSeconds(): void {
    const cpu = this.#converter?.cpuSeconds() ?? this.#countedCpu;
    const besides = this.#options.companion?.takeCpuSeconds() ?? 0;
    const used = Math.max(0, cpu - this.#countedCpu) + besides;
    this.#countedCpu = cpu;
    const seconds = this.#watched.take(this.#options.clock.now(), this.#analysis.takeCounts(), used);
    this.#options.emit({ type: 'seconds', seconds });
    for (const dropped of this.#analysis.takeDropped()) {
      this.#options.emit({ type: 'dropped', ...dropped });
      this.#options.logger.warn(dropped, 'a detector is too slow: observations were dropped');
    }
    const scores = this.#analysis.takeScores();
    if (Object.keys(scores).length > 0) this.#options.emit({ type: 'scores', scores });
    const channels = this.#sound.take();
    if (channels) this.#options.emit({ type: 'sound', channels });
  }
}

function state(
  phase: StreamState['phase'],
  reason: StreamReason,
  message: string,
  since: number,
): StreamState {
  return { phase, reason, message, since: new Date(since).toISOString() };
}
