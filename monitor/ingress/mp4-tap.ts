import type { IngressEvidence } from './ingress.ts';
import { fragmentTimes, type Mp4Track, movieTracks } from './mp4-boxes.ts';

/** Movie and fragment boxes are kilobytes; one that claims more is passed over. */
const largestBox = 4 * 1024 * 1024;

/**
 * Watches fragmented MP4 go by (ISO/IEC 14496-12 §8.8): random access points with their presentation time. There
 * are no counters, so a loss shows only as a missing segment. Takes any bytes without failing.
 */
export class Mp4Tap {
  readonly #report: (evidence: IngressEvidence) => void;
  #tracks: ReadonlyMap<number, Mp4Track> = new Map();
  #header = Buffer.alloc(0);
  #kept: Buffer[] = [];
  #type = '';
  /** Bytes of the current box still to come. */
  #left = 0;
  #videoPts: number | undefined;
  #segmentStart: number | undefined;

  constructor(report: (evidence: IngressEvidence) => void) {
    this.#report = report;
  }

  /** Presentation time of the newest fragment's first picture, in seconds. */
  get videoPts(): number | undefined {
    return this.#videoPts;
  }

  /** Presentation time of the segment's first picture, in seconds. */
  get segmentStart(): number | undefined {
    return this.#segmentStart;
  }

  /** A segment starts with a box, whatever became of the one before. */
  startSegment(): void {
    this.#header = Buffer.alloc(0);
    this.#kept = [];
    this.#left = 0;
    this.#segmentStart = undefined;
  }

  write(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#left === 0) at += this.#readHeader(chunk.subarray(at));
      if (this.#left === 0) continue;
      const piece = chunk.subarray(at, at + this.#left);
      if (this.#isKept()) this.#kept.push(piece);
      at += piece.length;
      this.#left -= piece.length;
      if (this.#left === 0) this.#endBox();
    }
  }

  /** Takes up a box header, which chunks may cut; returns the bytes taken from this one. */
  #readHeader(data: Buffer): number {
    const wanted = this.#header.length >= 8 && this.#header.readUInt32BE(0) === 1 ? 16 : 8;
    const taken = data.subarray(0, wanted - this.#header.length);
    this.#header = Buffer.concat([this.#header, taken]);
    if (this.#header.length < wanted) return taken.length;
    const size = this.#header.readUInt32BE(0);
    if (size === 1 && wanted === 8) return taken.length;
    const total = size === 1 ? Number(this.#header.readBigUInt64BE(8)) : size;
    this.#type = this.#header.toString('latin1', 4, 8);
    // Size 0 runs to the end of the segment; what is smaller than its own header is no box.
    this.#left = total < wanted ? Number.POSITIVE_INFINITY : total - wanted;
    if (total < wanted || total > largestBox) this.#type = '';
    this.#header = Buffer.alloc(0);
    return taken.length;
  }

  #isKept(): boolean {
    return this.#type === 'moov' || this.#type === 'moof';
  }

  #endBox(): void {
    const content = Buffer.concat(this.#kept);
    this.#kept = [];
    try {
      if (this.#type === 'moov') this.#tracks = movieTracks(content);
      if (this.#type === 'moof') this.#fragment(content);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }

  #fragment(moof: Buffer): void {
    const times = fragmentTimes(moof, this.#tracks);
    if (!times) return;
    this.#videoPts = times.first;
    this.#segmentStart ??= times.first;
    for (const { pts } of times.sync) this.#report({ evidence: 'random-access', track: 'video', pts });
  }
}
