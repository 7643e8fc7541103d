import type { ExpectSettings } from '../../crds/assignment.ts';
import type { Incident } from '../../crds/incident.ts';
import type { AudioRun } from '../converter/converter.ts';
import type { MediaInfo } from '../converter/ffmpeg-log.ts';
import type { Frame } from '../converter/frame-store.ts';
import type { EvidenceKind, Judgement } from '../detectors/contract.ts';
import { Expectations } from '../expectations/expectations.ts';
import type { DefectSeconds } from '../incidents/defect-clock.ts';
import type { IncidentChange } from '../incidents/incident-changes.ts';
import { type Adoption, IncidentTracker } from '../incidents/incident-tracker.ts';
import type { SuppressedSeconds } from '../incidents/suppressed-clock.ts';
import type { BreakCue } from '../ingress/breaks/break-cue.ts';
import type { IngressEvidence } from '../ingress/ingress.ts';
import type { Comparison } from '../reference/comparison.ts';
import type { ActiveDetector } from './detector-selection.ts';
import { IncidentPictures, pictureName } from './incident-pictures.ts';
import type { DetectorFailure } from './running-detector.ts';
import { RunningDetectors } from './running-detectors.ts';
import { ScoreCurves } from './score-curves.ts';
import { type Placement, Timeline } from './timeline.ts';
import { TransportPlaces } from './transport-places.ts';
import type { StreamIdentity, WatchEvent } from './watch-event.ts';

/** The wall clock of a stream. */
export interface StreamClock {
  /** Wall clock of the timeline's zero, in ms since 1970. */
  readonly origin: number;
  /** Now, in ms since 1970. */
  now(): number;
}

export interface AnalysisOptions {
  readonly identity: StreamIdentity;
  readonly detectors: readonly ActiveDetector[];
  /** When defects are no alarms; never without. */
  readonly expect?: ExpectSettings;
  /** Keep pictures for evidence. */
  readonly pictures: boolean;
  /** Compares the stream with its reference, where it has one. */
  readonly comparison?: Comparison;
  readonly clock: StreamClock;
  readonly newId: () => string;
  readonly emit: (event: WatchEvent) => void;
}

/** What the analysis must know of a session. */
export interface SessionFacts {
  readonly live: boolean;
  readonly transportSeen: boolean;
  readonly container?: 'mpegts' | 'mov';
  readonly playlistSeen?: boolean;
  /** Longest pause between arrivals that is normal, in seconds. */
  readonly expectedGap: number;
}

/** The decoder's remarks in the first seconds of a live epoch are about what came before. */
const joinSeconds = 1;
/** After more seconds without a watcher, an open incident counts as one of the past; pods restart sooner. */
const longestAbsence = 300;

/**
 * Judges one stream: places what the converter and the ingress deliver on the timeline, feeds the detectors,
 * and turns what they say into incidents.
 */
export class StreamAnalysis {
  readonly #options: AnalysisOptions;
  readonly #detectors: RunningDetectors;
  readonly #tracker: IncidentTracker;
  readonly #timeline: Timeline;
  readonly #places: TransportPlaces;
  readonly #expectations: Expectations;
  readonly #curves = new ScoreCurves();
  readonly #pictures = new IncidentPictures(this.#curves);
  readonly #unknown = new Map<string, string>();
  #session: SessionFacts | undefined;
  #media: MediaInfo | undefined;
  #has = { video: false, audio: false };
  #epochStart = 0;
  #evidenceCounts: Record<string, number> = {};
  #frameCount = 0;
  #lastVideo: { wall: number; time: number } | undefined;
  #lastAudio: { wall: number; time: number } | undefined;

  constructor(options: AnalysisOptions) {
    this.#options = options;
    this.#detectors = new RunningDetectors(options.detectors, (type, said) => {
      if ('kind' in said) this.#judge(type, said);
      else if ('failed' in said) this.#failed(type, said);
      else this.#setUnknown(type, said.unknown);
    });
    const manifests = options.detectors.map(({ definition }) => definition.manifest);
    this.#expectations = new Expectations(options.expect, manifests, {
      wallOf: (time) => this.#wallOf(time),
      timeOf: (wall) => this.timeOf(wall),
    });
    this.#tracker = new IncidentTracker(
      {
        ...options.identity,
        newId: options.newId,
        wallTime: (time) => this.#wallTime(time),
        now: () => new Date(options.clock.now()).toISOString(),
      },
      options.detectors.map(({ definition, settings }) => ({ manifest: definition.manifest, settings })),
      (detector, from, to) => this.#expectations.between(detector, from, to),
    );
    // A new timeline begins at zero, one that an earlier process began goes on from there.
    this.#timeline = new Timeline(Math.max(0, this.#wall()));
    this.#places = new TransportPlaces(this.#timeline);
  }

  get time(): number {
    return this.#timeline.now;
  }

  get openIncidents(): readonly Incident[] {
    return this.#tracker.open;
  }

  /** Open incidents, and the wall clock in ms at which the defects ended that are over but may come back. */
  get defects(): readonly { readonly incident: Incident; readonly ended?: number }[] {
    return this.#tracker.defects.map(({ incident, endedAt }) => ({
      incident,
      ...(endedAt !== undefined && { ended: this.#wallOf(endedAt) }),
    }));
  }

  /** Wall clock up to which media was judged, in ms since 1970. */
  get position(): number {
    return this.#wallOf(this.#timeline.now);
  }

  /** Wall seconds since the last frame or sound; undefined before the first. */
  get idle(): number | undefined {
    const last = Math.max(this.#lastVideo?.wall ?? -1, this.#lastAudio?.wall ?? -1);
    return last < 0 ? undefined : this.#wall() - last;
  }

  /** Incidents left open by an earlier process, which watched them up to a time on this timeline. */
  adopt(incidents: readonly Incident[], watchedUntil: number): void {
    const { now } = this.#timeline;
    this.#report(
      now - watchedUntil > longestAbsence
        ? this.#tracker.abandon(incidents, watchedUntil)
        : this.#tracker.adopt(incidents, now),
    );
  }

  /** Media seconds on this timeline that were live at a wall clock, in ms since 1970. */
  timeOf(wall: number): number {
    return this.#timeline.timeOf((wall - this.#options.clock.origin) / 1000);
  }

  /**
   * Goes on with incidents that another shard left open, on this timeline; what that changes is returned, not
   * emitted: those that are still open were told by that shard, the others are closed now.
   */
  takeOver(incidents: readonly Incident[], adoption: Adoption): readonly IncidentChange[] {
    return this.#tracker.adopt(incidents, this.#timeline.now, adoption);
  }

  /** An open incident goes on as another: later changes carry that one's id and revision. */
  goOnAs(id: string, incident: Incident): void {
    this.#tracker.goOnAs(id, incident);
  }

  /** Evidence that came before, since the last session's end, is about this one: the ingress reads ahead. */
  beginSession(session: SessionFacts): void {
    this.#session = session;
    this.#timeline.beginSession(session.live);
    this.#detectors.beginSession(session.live);
  }

  endSession(): void {
    this.#media = undefined;
    this.#places.endSession();
  }

  media(media: MediaInfo, has: { readonly video: boolean; readonly audio: boolean }): void {
    this.#media = media;
    this.#has = { ...has };
    this.#places.beginMedia(media.start);
  }

  frame(frame: Frame): void {
    const time = this.#place('video', frame.pts);
    this.#lastVideo = { wall: this.#wall(), time };
    this.#places.reach(frame.pts);
    this.#frameCount++;
    this.#pictures.judging(frame);
    const { reduced, statistics, native, kernels } = frame;
    this.#expectations.frame(time, reduced);
    this.#detectors.step({ type: 'frame', time, reduced, statistics, kernels, ...(native && { native }) });
    if (this.#options.pictures) this.#pictures.judged(frame, time);
    this.#options.comparison?.stream.frame(time, reduced);
    this.#compare();
    this.#pictures.forget();
    this.#advance();
  }

  audio(run: AudioRun): void {
    const time = this.#place('audio', run.pts);
    this.#lastAudio = { wall: this.#wall(), time };
    if (!this.#has.video) this.#places.reach(run.pts);
    const { sampleRate, channels, channelNames, samples } = run;
    const observation = { type: 'audio', time, sampleRate, channels, channelNames, samples } as const;
    this.#detectors.step(observation);
    this.#options.comparison?.stream.audio(observation);
    this.#compare();
    this.#advance();
  }

  /** What the ingress saw in the transport. */
  evidence(evidence: IngressEvidence): void {
    const counts = this.#evidenceCounts;
    counts[evidence.evidence] = (counts[evidence.evidence] ?? 0) + 1;
    const { pts, ...seen } = evidence;
    this.#places.whenPlaced(pts, (time) => this.#detectors.step({ type: 'evidence', time, ...seen }));
  }

  /** What the stream announces of its breaks. */
  cue({ pts, after, ...news }: BreakCue): void {
    this.#places.whenPlaced(pts, (time) => this.#expectations.announce(news, time + after, time));
  }

  /** What the decoder logged, about where the newest frame is. */
  damage(evidence: EvidenceKind): void {
    // Whoever joins a live stream misses the pictures that its first ones refer to: that is no damage.
    if (this.#session?.live && this.#timeline.now - this.#epochStart < joinSeconds) return;
    const counts = this.#evidenceCounts;
    counts[evidence] = (counts[evidence] ?? 0) + 1;
    this.#detectors.step({
      type: 'evidence',
      time: this.#lastVideo?.time ?? this.#timeline.now,
      evidence,
      track: 'video',
    });
  }

  /**
   * Wall time passed; says how long nothing has come, once the stream has begun. `waits`: something has, and is yet to be
   * decoded: the pause is ours, and no fault of the stream.
   */
  tick(waits = false): void {
    if (!this.#session?.live || this.idle === undefined || waits) return;
    const wall = this.#wall();
    const last = Math.max(this.#lastVideo?.time ?? 0, this.#lastAudio?.time ?? 0);
    if (this.idle > this.#session.expectedGap)
      this.#timeline.pause(Math.max(this.#timeline.now, last + this.idle));
    this.#detectors.step({
      type: 'clock',
      time: this.#timeline.now,
      expectedGap: this.#session.expectedGap,
      ...(this.#lastVideo && { videoIdle: wall - this.#lastVideo.wall }),
      ...(this.#lastAudio && { audioIdle: wall - this.#lastAudio.wall }),
    });
    this.#compare();
    this.#advance();
  }

  /** What must be waited for before more of a finite source is judged. */
  pace(): Promise<unknown> | undefined {
    return this.#detectors.pace();
  }

  /** The stream is over: resolves when every detector has said what it has to say. */
  async end(): Promise<void> {
    this.#detectors.end(this.#timeline.now);
    await this.#detectors.settle();
  }

  /** Lets go of what outlives the analysis. */
  close(): void {
    this.#detectors.close();
  }

  finish(reason: 'stream-ended' | 'watch-stopped'): void {
    this.#detectors.end(this.#timeline.now);
    this.#report(this.#tracker.finish(this.#timeline.now, reason));
  }

  /** What was counted since the last call. */
  takeCounts(): {
    frames: number;
    evidence: Record<string, number>;
    defects: DefectSeconds[];
    suppressed: SuppressedSeconds;
  } {
    const counts = {
      frames: this.#frameCount,
      evidence: this.#evidenceCounts,
      defects: this.#tracker.takeDefectSeconds(),
      suppressed: this.#tracker.takeSuppressedSeconds(),
    };
    this.#frameCount = 0;
    this.#evidenceCounts = {};
    return counts;
  }

  /** Observations that each detector was too slow for since the last call. */
  takeDropped(): ReturnType<RunningDetectors['takeDropped']> {
    return this.#detectors.takeDropped();
  }

  /** The highest score of each detector since the last call. */
  takeScores(): Record<string, number> {
    return this.#curves.takePeaks();
  }

  #place(track: 'video' | 'audio', pts: number): number {
    const { time, epoch }: Placement = this.#timeline.place(track, pts, this.#wall());
    if (epoch) this.#beginEpoch(time);
    this.#places.retry();
    return time;
  }

  #beginEpoch(time: number): void {
    this.#epochStart = time;
    this.#tracker.interrupt(time);
    this.#expectations.interrupt(time);
    this.#options.comparison?.begin('stream');
    const frameRate = this.#media?.video?.frameRate;
    const { transportSeen = false, container, playlistSeen } = this.#session ?? {};
    this.#detectors.step({
      type: 'epoch',
      time,
      hasVideo: this.#has.video,
      hasAudio: this.#has.audio,
      transportSeen,
      ...(container && { container }),
      ...(playlistSeen && { playlistSeen }),
      ...(frameRate !== undefined && { frameRate }),
      ...(this.#options.comparison && { hasReference: true }),
    });
  }

  #compare(): void {
    const compared = this.#options.comparison?.compare(this.#timeline.now);
    if (compared) this.#detectors.step(compared);
  }

  /** What the detector found before may go on or not: nobody can say. */
  #failed(detector: string, { failed, message }: DetectorFailure): void {
    this.#options.emit({ type: 'detector-failed', detector, reason: failed, message });
    this.#setUnknown(detector, message);
    this.#tracker.interrupt(this.#timeline.now, detector);
  }

  #judge(type: string, judgement: Judgement): void {
    this.#curves.add(type, judgement.kind, judgement.time, judgement.score);
    for (const measurement of judgement.measurements ?? []) {
      this.#options.emit({ type: 'measurement', measurement });
    }
    this.#report(this.#tracker.judge(type, judgement));
  }

  #advance(): void {
    this.#report(this.#tracker.advance(this.#timeline.now));
  }

  #setUnknown(detector: string, reason: string | undefined): void {
    if (this.#unknown.get(detector) === reason) return;
    if (reason === undefined) this.#unknown.delete(detector);
    else this.#unknown.set(detector, reason);
    this.#options.emit({ type: 'unknown', detector, ...(reason !== undefined && { reason }) });
  }

  #report(changes: readonly IncidentChange[]): void {
    for (const { change, incident } of changes) {
      const evidence =
        this.#options.pictures && change !== 'closed' ? this.#pictures.of(incident) : undefined;
      const named = evidence?.worst && this.#tracker.attachEvidence(incident.id, pictureName(incident));
      this.#options.emit({
        type: 'incident',
        change,
        incident: named ?? incident,
        ...(evidence && { evidence }),
      });
    }
  }

  #wall(): number {
    return (this.#options.clock.now() - this.#options.clock.origin) / 1000;
  }

  #wallOf(time: number): number {
    return this.#options.clock.origin + this.#timeline.wallOf(time) * 1000;
  }

  #wallTime(time: number): string {
    return new Date(this.#wallOf(time)).toISOString();
  }
}
