import { SectionAssembler } from '../ts-program.ts';
import { ptsDifference } from '../ts-time.ts';
import type { BreakCue } from './break-cue.ts';
import { spliceNews } from './splice-cues.ts';
import { parseSpliceInfo } from './splice-info.ts';

/** A splice_info_section may be longer than other sections (ANSI/SCTE 35 §9.6), in bytes. */
const longestSection = 4096;
/** Sections that wait for the first PTS; a stream that has none for longer has no breaks to place. */
const mostWaiting = 16;

/** Reads the splice_info_sections of a transport stream's programme. */
export class TsSplices {
  readonly #tell: (cue: BreakCue) => void;
  readonly #sections = new Map<number, SectionAssembler>();
  #waiting: Buffer[] = [];
  /** The newest of the pictures or of the sound, in seconds as carried. */
  #pts: number | undefined;

  constructor(tell: (cue: BreakCue) => void) {
    this.#tell = tell;
  }

  /** These PIDs carry splice_info_sections, and no others. */
  use(pids: readonly number[]): void {
    for (const pid of this.#sections.keys()) if (!pids.includes(pid)) this.#sections.delete(pid);
    for (const pid of pids)
      if (!this.#sections.has(pid)) this.#sections.set(pid, new SectionAssembler(longestSection));
  }

  /** The payload of a packet, of whichever PID. */
  packet(pid: number, data: Buffer, from: number, to: number, starts: boolean): void {
    for (const section of this.#sections.get(pid)?.read(data, from, to, starts) ?? []) this.#section(section);
  }

  /** Packets of the PID are missing. */
  loss(pid: number): void {
    this.#sections.get(pid)?.reset();
  }

  /** The stream is at a PTS. */
  presents(pts: number): void {
    this.#pts = pts;
    for (const section of this.#waiting.splice(0)) this.#section(section);
  }

  #section(section: Buffer): void {
    if (this.#pts === undefined) {
      if (this.#waiting.length < mostWaiting) this.#waiting.push(Buffer.from(section));
      return;
    }
    const { time, news } = spliceNews(parseSpliceInfo(section));
    const after = time === undefined ? 0 : ptsDifference(time, this.#pts);
    for (const each of news) this.#tell({ ...each, pts: this.#pts, after });
  }
}
