import { IngressError } from '../ingress.ts';
import { FollowedPlaylist, mostUnauthorized } from './followed-playlist.ts';
import type { MediaPlaylist, MediaSegment, OpenSegment, Rendition, SegmentSource } from './media-playlist.ts';
import { PackedAudio } from './packed-audio.ts';
import { startSequence, step } from './playlist-position.ts';
import { SampleDecryption } from './sample-decryption.ts';
import { DamagedSegment } from './segment-crypto.ts';
import { SegmentInParts } from './segment-in-parts.ts';
import type { SegmentReader } from './segment-reader.ts';
import { SegmentTaps } from './segment-taps.ts';
import { type ReportOptions, TrackReports } from './track-reports.ts';

/** Segments in a row that may be missing before the stream counts as failed. */
const mostMissing = 3;
/** Segments that are read whole after a part was odd. */
const wholeAfterOddity = 10;

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
  readonly #reader: SegmentReader;
  readonly #options: TrackOptions;
  readonly #packedAudio = new PackedAudio();
  readonly #reports: TrackReports;
  readonly #decryption: SampleDecryption;
  readonly #followed: FollowedPlaylist;
  /** Media sequence number from which on segments may be read part by part. */
  #inPartsFrom = 0;
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
    this.#reader = reader;
    this.#decryption = new SampleDecryption(reader.keys);
    this.#options = options;
    this.#reports = new TrackReports(rendition.carries, options);
    this.#followed = new FollowedPlaylist(rendition, playlist, this.#reports, options.onRemark);
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

  get #playlist(): MediaPlaylist {
    return this.#followed.current;
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
    let first: MediaSegment | OpenSegment | undefined;
    let initialised = false;
    let seconds = 0;
    let afterLoss = false;
    const reports = this.#reports;
    const taps = new SegmentTaps({
      onEvidence: (evidence) => reports.tell(evidence),
      // The playlist of the pictures beside it says the same.
      ...(this.carries !== 'audio' && this.#options.onCue && { onCue: this.#options.onCue }),
    });
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
      taps.announce(segment, this.#playlist);
      if (segment.gap) {
        seconds += segment.duration;
        afterLoss = true;
        reports.missing(segment, taps.videoPts, { evidence: 'missing-segment', fault: 'gap' });
        continue;
      }
      taps.startSegment({ afterLoss, ownTables: !segment.init });
      afterLoss = false;
      let begun = false;
      const inParts = 'uri' in segment ? undefined : this.#inParts(segment, stretch.signal);
      try {
        if (segment.init && !initialised)
          yield* taps.watch(this.#clear(this.#stored(segment.init, stretch.signal), segment, stretch.signal));
        initialised = true;
        const stored = 'uri' in segment ? this.#stored(segment, stretch.signal) : inParts!.bytes();
        for await (const chunk of taps.watch(this.#clear(stored, segment, stretch.signal))) {
          begun = true;
          yield chunk;
        }
        if (stretch.signal.aborted) return;
        this.#missing = 0;
        const whole = 'uri' in segment ? segment : inParts?.listed;
        if (whole) reports.read(whole, taps.segmentStart, this.#playlist, this.#followed.loadedAt);
      } catch (error) {
        if (stretch.signal.aborted) return;
        this.#fail(error, begun);
        afterLoss = true;
        const declared = inParts?.listed?.gap === true;
        reports.missing(inParts?.listed ?? segment, taps.videoPts, {
          evidence: begun && !declared ? 'short-segment' : 'missing-segment',
          ...(declared && { fault: 'gap' }),
        });
      }
      seconds += (inParts?.listed ?? segment).duration;
    }
  }

  #inParts(open: OpenSegment, signal: AbortSignal): SegmentInParts {
    return new SegmentInParts(open, {
      playlist: () => this.#playlist,
      wait: (part) => {
        const wanted = { sequence: open.sequence, ...(part !== undefined && { part }) };
        return this.#followed.next(wanted, part !== undefined, signal);
      },
      read: (source) => this.#stored(source, signal),
      onOddity: (what) => {
        this.#inPartsFrom = open.sequence + wholeAfterOddity;
        this.#options.onRemark(`segments are read whole for a while: ${what}`);
      },
      signal,
    });
  }

  /** Three more attempts fit into the time that a segment plays. */
  get #retryDelay(): number {
    return this.live ? Math.min(2, Math.max(0.1, this.#playlist.targetDuration / 4)) : 0.25;
  }

  #stored(source: SegmentSource, signal: AbortSignal): AsyncGenerator<Buffer> {
    return this.#reader.read(source, this.#retryDelay, signal);
  }

  /** The clear bytes of a segment, or of the initialisation section before it. */
  #clear(
    stored: AsyncGenerator<Buffer>,
    { key }: Pick<MediaSegment, 'key'>,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer> {
    const sampleKey = key?.method === 'SAMPLE-AES' || key?.method === 'SAMPLE-AES-CTR' ? key : undefined;
    const contained = this.#packedAudio.asTransport(stored, sampleKey !== undefined);
    return this.#decryption.clear(contained, sampleKey, (wanted) =>
      this.#reader.key(wanted, this.#retryDelay, signal),
    );
  }

  /** Passes a failure on when it will not pass by itself. */
  #fail(error: unknown, begun: boolean): void {
    if (!(error instanceof IngressError) || error === this.#followed.failure) throw error;
    const permanent = ['KeyUnavailable', 'EgressDenied', 'UnsupportedStream'];
    const wrongKey = error.reason === 'WrongKey' && !(begun && error instanceof DamagedSegment);
    if (permanent.includes(error.reason) || wrongKey) throw error;
    this.#missing = begun ? 0 : this.#missing + 1;
    if (this.#missing >= (error.reason === 'Unauthorized' ? mostUnauthorized : mostMissing)) throw error;
    this.#options.onRemark(`${begun ? 'short' : 'missing'} segment: ${error.message}`);
  }

  /** The segment at the reader's position, once it is listed or a part of it; `undefined` at the end or at a new start. */
  async #nextSegment(stretch: Stretch): Promise<MediaSegment | OpenSegment | undefined> {
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
        this.#inPartsFrom = 0;
        return undefined;
      }
      const { open } = this.#playlist;
      const sequence = this.#next ?? 0;
      const isOpen = open?.sequence === sequence;
      const inParts = sequence >= this.#inPartsFrom && (!isOpen || readsInParts(open));
      if (isOpen && inParts) return open;
      // Another track is past a discontinuity that this one will not reach.
      const waited = (performance.now() - since) / 1000;
      if (stretch.end !== undefined && waited > 1.5 * this.targetDuration) return undefined;
      await this.#followed.next({ sequence, ...(inParts && { part: 0 }) }, inParts, stretch.signal);
    }
  }
}

/** What is encrypted as a whole is decrypted as a whole. */
function readsInParts({ key, parts }: OpenSegment): boolean {
  return parts.length > 0 && (key === undefined || key.method.startsWith('SAMPLE-AES'));
}

/** A decoder cannot go on from one initialisation section to another, so a new one starts a new stretch too. */
function startsAnew(segment: MediaSegment | OpenSegment, first: MediaSegment | OpenSegment): boolean {
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
