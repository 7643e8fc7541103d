import type { ExpectSettings } from '../../crds/assignment.ts';
import type { Incident } from '../../crds/incident.ts';
import type { AudioRun } from '../converter/converter.ts';
import type { MediaInfo } from '../converter/ffmpeg-log.ts';
import type { Frame } from '../converter/frame-store.ts';
import type { EvidenceKind, Judgement } from '../detectors/contract.ts';
import { FrameKeeper } from '../evidence/frame-keeper.ts';
import { Schedule } from '../expectations/schedule.ts';
import type { DefectSeconds } from '../incidents/defect-clock.ts';
import type { IncidentChange } from '../incidents/incident-changes.ts';
import { type Adoption, IncidentTracker } from '../incidents/incident-tracker.ts';
import type { SuppressedSeconds } from '../incidents/suppressed-clock.ts';
import type { IngressEvidence } from '../ingress/ingress.ts';
import { ptsDifference } from '../ingress/ts-time.ts';
import type { Comparison } from '../reference/comparison.ts';
import type { ActiveDetector } from './detector-selection.ts';
import type { DetectorFailure } from './running-detector.ts';
import { RunningDetectors } from './running-detectors.ts';
import { ScoreCurves } from './score-curves.ts';
import { type Placement, Timeline } from './timeline.ts';
import type { IncidentEvidence, StreamIdentity, WatchEvent } from './watch-event.ts';

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
/** Evidence waits at most this many items for the frames it is about; the oldest may wait for some that never come. */
const largestEvidenceQueue = 1000;
/**
 * Judges one stream: places what the converter and the ingress deliver on the timeline, feeds the detectors,
 * and turns what they say into incidents.
 */
export class StreamAnalysis {
  readonly #options: AnalysisOptions;
  readonly #detectors: RunningDetectors;
  readonly #tracker: IncidentTracker;
  readonly #timeline: Timeline;
  readonly #frames = new FrameKeeper();
  readonly #curves = new ScoreCurves();
  readonly #unknown = new Map<string, string>();
  #session: SessionFacts | undefined;
  #media: MediaInfo | undefined;
  #has = { video: false, audio: false };
  #sessionPts = 0;
  #epochStart = 0;
  #waitingEvidence: IngressEvidence[] = [];
  #newestFrame: Frame | undefined;
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
    const schedule = new Schedule(options.expect?.static ?? [], manifests, {
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
      (detector, from, to) => schedule.between(detector, from, to),
    );
    // A new timeline begins at zero, one that an earlier process began goes on from there.
    this.#timeline = new Timeline(Math.max(0, this.#wall()));
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
    this.#waitingEvidence = [];
  }

  media(media: MediaInfo, has: { readonly video: boolean; readonly audio: boolean }): void {
    this.#media = media;
    this.#has = { ...has };
    this.#sessionPts = 0;
  }

  frame(frame: Frame): void {
    const time = this.#place('video', frame.pts);
    this.#lastVideo = { wall: this.#wall(), time };
    this.#sessionPts = frame.pts;
    this.#frameCount++;
    this.#newestFrame = frame;
    const { reduced, statistics, native, kernels } = frame;
    this.#detectors.step({ type: 'frame', time, reduced, statistics, kernels, ...(native && { native }) });
    if (this.#options.pictures) this.#frames.remember(time, native?.current ?? reduced);
    this.#options.comparison?.stream.frame(time, reduced);
    this.#compare();
    this.#newestFrame = undefined;
    this.#advance();
  }

  audio(run: AudioRun): void {
    const time = this.#place('audio', run.pts);
    this.#lastAudio = { wall: this.#wall(), time };
    if (!this.#has.video) this.#sessionPts = run.pts;
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
    if (this.#tryEvidence(evidence)) return;
    this.#waitingEvidence.push(evidence);
    if (this.#waitingEvidence.length > largestEvidenceQueue) this.#waitingEvidence.shift();
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

  /** Wall time passed; says how long nothing has come, once the stream has begun. */
  tick(): void {
    if (!this.#session?.live || this.idle === undefined) return;
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
    if (this.#waitingEvidence.length > 0) {
      this.#waitingEvidence = this.#waitingEvidence.filter((evidence) => !this.#tryEvidence(evidence));
    }
    return time;
  }

  #beginEpoch(time: number): void {
    this.#epochStart = time;
    this.#tracker.interrupt(time);
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

  /** False while the epoch that the evidence belongs to has not begun. */
  #tryEvidence({ pts, ...seen }: IngressEvidence): boolean {
    if (!this.#media) return false;
    let time: number | undefined = this.#timeline.now;
    if (pts !== undefined) {
      const sinceStart = pts - this.#media.start;
      time = this.#timeline.locate(this.#sessionPts + ptsDifference(sinceStart, this.#sessionPts));
    }
    if (time === undefined) return false;
    this.#detectors.step({ type: 'evidence', time, ...seen });
    return true;
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
        this.#options.pictures && change !== 'closed' ? this.#evidenceFor(incident) : undefined;
      const named = evidence?.worst && this.#tracker.attachEvidence(incident.id, evidenceName(incident));
      this.#options.emit({
        type: 'incident',
        change,
        incident: named ?? incident,
        ...(evidence && { evidence }),
      });
    }
  }

  #evidenceFor(incident: Incident): IncidentEvidence {
    // Before one that outlasts what was expected, nothing good was seen: its beginning has the picture of that.
    const lastGood =
      incident.outlasts === undefined ? this.#frames.lastGoodBefore(incident.start) : undefined;
    const plane = this.#newestFrame?.native?.current ?? this.#newestFrame?.reduced;
    const worst = plane && {
      width: plane.width,
      height: plane.height,
      channels: 1 as const,
      data: plane.data.slice(),
    };
    return {
      scores: this.#curves.of(incident.detector, incident.kind),
      ...(lastGood && { lastGood }),
      ...(worst && { worst }),
    };
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

/** The worst picture of each revision has a file of its own, so that a copy never changes under its name. */
function evidenceName({ id, revision }: Incident): string {
  return `${id}-${revision}.jpg`;
}
