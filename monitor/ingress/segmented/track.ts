import { setTimeout as delay } from 'node:timers/promises';
import { IngressError } from '../ingress.ts';
import type { MediaPlaylist, MediaSegment, Rendition, SegmentSource } from './media-playlist.ts';
import { PackedAudio } from './packed-audio.ts';
import { reloadDelay, staleAfter, startSequence, step } from './playlist-position.ts';
import { PlaylistWatch } from './playlist-watch.ts';
import { SampleDecryption } from './sample-decryption.ts';
import { DamagedSegment } from './segment-crypto.ts';
import type { SegmentReader } from './segment-reader.ts';
import { SegmentTaps } from './segment-taps.ts';
import { type ReportOptions, TrackReports } from './track-reports.ts';

/** Segments in a row that may be missing before the stream counts as failed. */
const mostMissing = 3;
/** Loads in a row that may be refused or not found; other failures may pass until the playlist is stale. */
const mostRefusals = 3;
/** A load may take so many seconds: what is told at each load lasts until the next. */
const loadSlack = 1;
/** Signatures expire and do not come back: the original URL leads to new ones. One refusal may be a mishap. */
const mostUnauthorized = 2;

/** What a session tells its tracks, and they it. */
export interface Stretch {
  readonly signal: AbortSignal;
  /** Seconds of media after which the stretch is over for every track, once one has found its end. */
  end: number | undefined;
}

export interface TrackOptions extends ReportOptions {
  readonly onRemark: (message: string) => void;
}

/**
 * Reads one rendition from where it stands: reloads the playlist as it grows, and yields the clear bytes of its
 * segments, one uninterrupted stretch at a time.
 */
export class Track {
  readonly carries: Rendition['carries'];
  readonly soundtrack: Rendition['soundtrack'];
  readonly #rendition: Rendition;
  readonly #reader: SegmentReader;
  readonly #options: TrackOptions;
  readonly #packedAudio = new PackedAudio();
  readonly #watch: PlaylistWatch;
  readonly #reports: TrackReports;
  readonly #decryption: SampleDecryption;
  #playlist: MediaPlaylist;
  #loadedAt: number;
  #changedAt: number;
  #changed = true;
  #refusals = 0;
  #loadFailure: IngressError | undefined;
  /** Media sequence number to read next; unknown until the playlist has a segment. */
  #next: number | undefined;
  #missing = 0;
  #over = false;

  private constructor(
    rendition: Rendition,
    playlist: MediaPlaylist,
    reader: SegmentReader,
    options: TrackOptions,
  ) {
    this.carries = rendition.carries;
    this.soundtrack = rendition.soundtrack;
    this.#rendition = rendition;
    this.#reader = reader;
    this.#decryption = new SampleDecryption(reader.keys);
    this.#options = options;
    this.#reports = new TrackReports(rendition.carries, options);
    this.#playlist = playlist;
    this.#loadedAt = performance.now();
    this.#changedAt = this.#loadedAt;
    this.#watch = new PlaylistWatch(playlist, this.#loadedAt / 1000);
    this.#next = startSequence(playlist);
  }

  /** @throws IngressError when the playlist cannot be loaded */
  static async open(
    rendition: Rendition,
    reader: SegmentReader,
    options: TrackOptions,
    signal: AbortSignal,
  ): Promise<Track> {
    return new Track(rendition, await rendition.load(signal), reader, options);
  }

  get targetDuration(): number {
    return this.#playlist.targetDuration;
  }

  get live(): boolean {
    return !this.#playlist.ended;
  }

  /** Whether its samples were encrypted. */
  get decrypted(): boolean {
    return this.#decryption.used;
  }

  /** Whether every segment of a finite playlist has been read. */
  get over(): boolean {
    return this.#over;
  }

  /**
   * Bytes up to the next discontinuity, or to the end.
   * @throws IngressError when the track goes on failing
   */
  async *bytes(stretch: Stretch): AsyncGenerator<Buffer> {
    let first: MediaSegment | undefined;
    let initialised = false;
    let seconds = 0;
    let afterLoss = false;
    const reports = this.#reports;
    const taps = new SegmentTaps((evidence) => reports.tell(evidence));
    reports.beginStretch();
    for (;;) {
      const segment = await this.#nextSegment(stretch);
      if (!segment || (first && startsAnew(segment, first))) {
        if (!this.#over) stretch.end ??= seconds;
        return;
      }
      if (stretch.end !== undefined && seconds >= stretch.end) return;
      // Segments that were skipped are told; the packets that were in them are no loss of their own.
      afterLoss ||= first !== undefined && segment.sequence !== this.#next;
      first ??= segment;
      this.#next = segment.sequence + 1;
      seconds += segment.duration;
      if (segment.gap) {
        afterLoss = true;
        reports.missing(segment, taps.videoPts, { evidence: 'missing-segment', fault: 'gap' });
        continue;
      }
      taps.startSegment({ afterLoss, ownTables: !segment.init });
      afterLoss = false;
      let begun = false;
      try {
        if (segment.init && !initialised)
          yield* taps.watch(this.#read(segment.init, segment, stretch.signal));
        initialised = true;
        for await (const chunk of taps.watch(this.#read(segment, segment, stretch.signal))) {
          begun = true;
          yield chunk;
        }
        this.#missing = 0;
        reports.read(segment, taps.segmentStart, this.#playlist, this.#loadedAt / 1000);
      } catch (error) {
        if (stretch.signal.aborted) return;
        this.#fail(error, begun);
        afterLoss = true;
        reports.missing(segment, taps.videoPts, { evidence: begun ? 'short-segment' : 'missing-segment' });
      }
    }
  }

  /** The clear bytes of a segment, or of the initialisation section before it. */
  #read(source: SegmentSource, { key }: MediaSegment, signal: AbortSignal): AsyncGenerator<Buffer> {
    // Three more attempts fit into the time that the segment plays.
    const retryDelay = this.live ? Math.min(2, Math.max(0.1, this.#playlist.targetDuration / 4)) : 0.25;
    const sampleKey = key?.method === 'SAMPLE-AES' || key?.method === 'SAMPLE-AES-CTR' ? key : undefined;
    const stored = this.#reader.read(source, retryDelay, signal);
    const contained = this.#packedAudio.asTransport(stored, sampleKey !== undefined);
    return this.#decryption.clear(contained, sampleKey, (wanted) =>
      this.#reader.key(wanted, retryDelay, signal),
    );
  }

  /** Passes a failure on when it will not pass by itself. */
  #fail(error: unknown, begun: boolean): void {
    if (!(error instanceof IngressError)) throw error;
    const permanent = ['KeyUnavailable', 'EgressDenied', 'UnsupportedStream'];
    const wrongKey = error.reason === 'WrongKey' && !(begun && error instanceof DamagedSegment);
    if (permanent.includes(error.reason) || wrongKey) throw error;
    this.#missing = begun ? 0 : this.#missing + 1;
    if (this.#missing >= (error.reason === 'Unauthorized' ? mostUnauthorized : mostMissing)) throw error;
    this.#options.onRemark(`${begun ? 'short' : 'missing'} segment: ${error.message}`);
  }

  /** The segment at the reader's position, once it is listed; `undefined` at the end or at a new start. */
  async #nextSegment(stretch: Stretch): Promise<MediaSegment | undefined> {
    const since = performance.now();
    for (;;) {
      if (stretch.signal.aborted) return undefined;
      this.#next ??= startSequence(this.#playlist);
      const found = this.#next === undefined ? undefined : step(this.#playlist, this.#next);
      if (found?.step === 'segment') {
        if (found.skipped > 0) {
          this.#options.onRemark(`${found.skipped} segments left the playlist before they were read`);
          this.#reports.skipped(found.skipped);
        }
        return found.segment;
      }
      if (found?.step === 'end' || (!found && this.#playlist.ended)) {
        this.#over = true;
        if (!found) throw new IngressError('EmptyPlaylist', 'the playlist lists no segment');
        return undefined;
      }
      if (found?.step === 'restarted') {
        this.#options.onRemark('the numbering of segments went back: the packager started anew');
        this.#next = undefined;
        return undefined;
      }
      // Another track is past a discontinuity that this one will not reach.
      const waited = (performance.now() - since) / 1000;
      if (stretch.end !== undefined && waited > 1.5 * this.targetDuration) return undefined;
      this.#refuseStale();
      await this.#reload(stretch.signal);
    }
  }

  #refuseStale(): void {
    const unchanged = (performance.now() - this.#changedAt) / 1000;
    if (unchanged < staleAfter(this.#playlist)) return;
    if (this.#loadFailure) throw this.#loadFailure;
    if (this.#playlist.segments.length === 0) {
      throw new IngressError('EmptyPlaylist', 'the playlist lists no segment');
    }
    this.#reports.fault('stale', {
      value: unchanged / this.targetDuration,
      duration: Number.POSITIVE_INFINITY,
    });
    throw new IngressError('StalePlaylist', `the playlist has not changed for ${Math.round(unchanged)} s`);
  }

  get #untilNextLoad(): number {
    return reloadDelay(this.#playlist, this.#changed) + loadSlack;
  }

  async #reload(signal: AbortSignal): Promise<void> {
    const due = this.#loadedAt + reloadDelay(this.#playlist, this.#changed) * 1000;
    await delay(Math.max(0, due - performance.now()), undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    this.#loadedAt = performance.now();
    try {
      const playlist = await this.#rendition.load(signal);
      this.#changed = playlist.ended || lastSequence(playlist) !== lastSequence(this.#playlist);
      if (this.#changed) this.#changedAt = performance.now();
      this.#playlist = playlist;
      this.#refusals = 0;
      this.#loadFailure = undefined;
      for (const { fault, value } of this.#watch.loaded(playlist, performance.now() / 1000))
        this.#reports.fault(fault, { duration: this.#untilNextLoad, ...(value !== undefined && { value }) });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof IngressError)) throw error;
      this.#changed = false;
      this.#loadFailure = error;
      this.#refusals++;
      const unreadable = error.reason === 'NotMedia' || error.reason === 'EmptyPlaylist';
      this.#reports.fault(unreadable ? 'unreadable' : 'unavailable', { duration: this.#untilNextLoad });
      const passing = error.reason === 'Unreachable' || error.reason === 'UpstreamError';
      const most = error.reason === 'Unauthorized' ? mostUnauthorized : mostRefusals;
      if (!passing && this.#refusals >= most) throw error;
      this.#options.onRemark(`the playlist could not be loaded again: ${error.message}`);
    }
  }
}

function lastSequence({ segments }: MediaPlaylist): number | undefined {
  return segments.at(-1)?.sequence;
}

/** A decoder cannot go on from one initialisation section to another, so a new one starts a new stretch too. */
function startsAnew(segment: MediaSegment, first: MediaSegment): boolean {
  return (
    segment.sequence !== first.sequence && (segment.discontinuity || !sameInit(segment.init, first.init))
  );
}

/** Queries are left out: many origins sign each playlist's URIs afresh. */
function sameInit(a: SegmentSource | undefined, b: SegmentSource | undefined): boolean {
  return a === b || (!!a && !!b && pathOf(a.uri) === pathOf(b.uri) && a.range?.offset === b.range?.offset);
}

function pathOf(uri: string): string {
  return uri.split('?', 1)[0]!;
}
