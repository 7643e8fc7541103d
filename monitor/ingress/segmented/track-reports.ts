import type { PlaylistFault } from '../../detectors/contract.ts';
import type { IngressEvidence, IngressListener } from '../ingress.ts';
import type { LiveEdges } from './live-edges.ts';
import type { MediaPlaylist, MediaSegment, Rendition } from './media-playlist.ts';
import { SegmentLengths } from './segment-lengths.ts';

/** Share of the target duration by which media may differ from what the playlist says. */
const lengthTolerance = 0.25;

export interface ReportOptions extends IngressListener {
  /** Of all tracks of the stream. */
  readonly edges: LiveEdges;
}

/** What one track has to tell as evidence. */
export class TrackReports {
  readonly #carries: Rendition['carries'];
  readonly #options: ReportOptions;
  #lengths = new SegmentLengths();
  /** PTS at which the next segment begins, going by the last one and by what the playlist says. */
  #due: number | undefined;

  constructor(carries: Rendition['carries'], options: ReportOptions) {
    this.#carries = carries;
    this.#options = options;
  }

  /** Timestamps may begin anew. */
  beginStretch(): void {
    this.#lengths = new SegmentLengths();
    this.#due = undefined;
  }

  tell(evidence: IngressEvidence): void {
    const own = this.#carries !== 'program' && evidence.track === 'unknown' && { track: this.#carries };
    this.#options.onEvidence(own ? { ...evidence, ...own } : evidence);
  }

  /**
   * A segment, or the rest of one, is not to be had: it begins where the one before ends, the rest at the newest
   * picture, which is at `newest`.
   */
  missing(
    { duration }: Pick<MediaSegment, 'duration'>,
    newest: number | undefined,
    what: Pick<IngressEvidence, 'evidence' | 'fault'>,
  ): void {
    const pts = what.evidence === 'missing-segment' ? (this.#due ?? newest) : newest;
    this.beginStretch();
    if (what.evidence === 'missing-segment' && pts !== undefined) this.#due = pts + duration;
    this.tell({ ...what, track: 'unknown', count: 1, duration, ...(pts !== undefined && { pts }) });
  }

  skipped(count: number): void {
    this.tell({ evidence: 'missing-segment', fault: 'skipped', track: 'unknown', count });
  }

  fault(fault: PlaylistFault, more: Pick<IngressEvidence, 'value' | 'duration' | 'pts'> = {}): void {
    this.tell({ evidence: 'playlist-fault', fault, track: 'unknown', ...more });
  }

  /**
   * A segment was read that begins at PTS `start`: how long it is, against the target duration and against what the
   * playlist says; how far the playlist, loaded at `loadedAt` seconds, reaches.
   */
  read(segment: MediaSegment, start: number | undefined, playlist: MediaPlaylist, loadedAt: number): void {
    const { targetDuration, numbered, segments, ended } = playlist;
    const at = start !== undefined && { pts: start };
    this.#due = start === undefined ? undefined : start + segment.duration;
    // The target is that of the longest segment, rounded (RFC 8216 §4.3.3.1).
    if (numbered && Math.round(segment.duration) > Math.ceil(targetDuration))
      this.fault('long-segment', { value: segment.duration, duration: segment.duration, ...at });
    const mismatch = this.#lengths.add(segment, start);
    if (mismatch !== undefined && mismatch > lengthTolerance * targetDuration)
      this.fault('duration-mismatch', { value: mismatch / targetDuration, ...at });
    if (start === undefined || ended) return;
    const ahead = segments.filter(({ sequence }) => sequence >= segment.sequence);
    const edge = ahead.reduce((time, { duration }) => time + duration, start);
    const behind = this.#options.edges.reached(this, edge, loadedAt, targetDuration);
    if (behind !== undefined) this.fault('out-of-step', { value: behind, duration: targetDuration });
  }
}
