import type { PlaylistFault } from '../../detectors/contract.ts';
import type { MediaPlaylist, MediaSegment } from './media-playlist.ts';
import { newsDue } from './playlist-position.ts';

/** What a playlist does wrong at one load. */
export interface PlaylistFinding {
  readonly fault: PlaylistFault;
  readonly value?: number;
}

/**
 * Compares each load of a live playlist with the ones before. Pure: `now` is a clock in seconds. Whatever is measured
 * is at least that bad: a change is dated to the load that showed it, later than it was.
 */
export class PlaylistWatch {
  /** The newest playlist seen. */
  #newest: MediaPlaylist;
  #newsAt: number;

  constructor(playlist: MediaPlaylist, now: number) {
    this.#newest = playlist;
    this.#newsAt = now;
  }

  /** What is wrong with the playlist as it was loaded at `now`. */
  loaded(playlist: MediaPlaylist, now: number): PlaylistFinding[] {
    const before = this.#newest;
    const findings = playlist.numbered
      ? numberingFaults(before, playlist, now - this.#newsAt)
      : publishingFaults(before, playlist);
    const older = findings.some(({ fault }) => fault === 'older-copy');
    if (!older) this.#newest = playlist;
    if (playlist.ended || (!older && lastSequence(playlist) !== lastSequence(before))) this.#newsAt = now;
    const age = now - this.#newsAt;
    if (age > newsDue(playlist)) findings.push({ fault: 'stale', value: age / playlist.targetDuration });
    return findings;
  }
}

/**
 * Media sequence numbers never go back and a segment keeps its own (RFC 8216 §6.2.1, §6.2.2); neither do those of
 * discontinuities. A copy from before, as another edge server may still hold, is told apart from a new numbering.
 */
function numberingFaults(before: MediaPlaylist, after: MediaPlaylist, elapsed: number): PlaylistFinding[] {
  const [first, last] = [after.segments[0], after.segments.at(-1)];
  const [firstBefore, lastBefore] = [before.segments[0], before.segments.at(-1)];
  if (!first || !last || !firstBefore || !lastBefore) return [];
  if (last.sequence < firstBefore.sequence) return [{ fault: 'sequence' }];
  if (last.sequence < lastBefore.sequence) return [{ fault: 'older-copy' }];
  if (first.sequence < firstBefore.sequence) return [{ fault: 'sequence' }];
  if (first.sequence > lastBefore.sequence + 1)
    return runsAhead(before, after, elapsed) ? [{ fault: 'sequence' }] : [];
  const findings: PlaylistFinding[] = [];
  if (isRenumbered(before, after)) findings.push({ fault: 'sequence' });
  const kept = before.segments[first.sequence - firstBefore.sequence];
  if (kept && kept.discontinuities !== first.discontinuities)
    findings.push({ fault: 'discontinuity-sequence' });
  return findings;
}

/** Whether numbers rose by more than the time that passed and all that was listed could account for. */
function runsAhead(before: MediaPlaylist, after: MediaPlaylist, elapsed: number): boolean {
  const added = after.segments.at(-1)!.sequence - before.segments.at(-1)!.sequence;
  const mean = seconds(after.segments) / after.segments.length;
  return added * mean > elapsed + seconds(before.segments) + seconds(after.segments);
}

/** Whether the last two segments are listed again, both under numbers of the same distance. A slate may repeat. */
function isRenumbered(before: MediaPlaylist, after: MediaPlaylist): boolean {
  const moved = before.segments.slice(-2).map((segment) => {
    const same = after.segments.filter((candidate) => isSame(candidate, segment));
    return same.length === 1 ? same[0]!.sequence - segment.sequence : 0;
  });
  return moved.length === 2 && moved[0] !== 0 && moved[0] === moved[1];
}

function isSame(a: MediaSegment, b: MediaSegment): boolean {
  return a.uri === b.uri && a.range?.offset === b.range?.offset;
}

function publishingFaults(before: MediaPlaylist, { published }: MediaPlaylist): PlaylistFinding[] {
  return published !== undefined && before.published !== undefined && published < before.published
    ? [{ fault: 'older-copy' }]
    : [];
}

function seconds(segments: readonly MediaSegment[]): number {
  return segments.reduce((sum, { duration }) => sum + duration, 0);
}

function lastSequence({ segments }: MediaPlaylist): number | undefined {
  return segments.at(-1)?.sequence;
}
